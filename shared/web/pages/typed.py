"""What people type into a field of several lines. Pure."""

from typing import Annotated

from pydantic import BeforeValidator


def _ended(text: object) -> object:
    return text.replace("\r\n", "\n") if isinstance(text, str) else text


Typed = Annotated[str, BeforeValidator(_ended)]
"""A text of a form, its lines ended as everywhere else.

A browser counts the end of a line as one character and sends two (HTML, "normalize newlines"): a
limit has to be held against what was counted, or a text that just fits is refused and lost.
"""
