"""A case, and what a check may say about it besides yes and no."""

from dataclasses import dataclass
from typing import Any


class DecidedAgainst(Exception):
    """We behave otherwise on purpose; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Case:
    """A line of the file."""

    id: str
    area: str
    subject: str
    input: Any
    expected: Any
