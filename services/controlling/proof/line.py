"""One line of an exported draw as JSON that can be written in one way only.

Readers of JSON differ in what they let pass: keys that stand twice, NaN, `1.0` for `1`, escapes,
spaces, halves of characters. So a line must be what its own content is written as.
"""

import json
from collections.abc import Iterable

LONGEST = 2**24
"""Bytes of a line at most; the longest there are hold a policy and a catalogue: some 100 KiB."""
_DEEPEST = 20
_MOST_DIGITS = 15


def value_of(text: str) -> object:
    """Read JSON that is written in its shortest form, without fractions.

    Raises:
        ValueError: it is none, or could be written otherwise.
    """
    try:
        value: object = json.loads(
            text, parse_int=_integer, parse_float=_refuse, parse_constant=_refuse
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    _check_parts(value)
    if json.dumps(value, ensure_ascii=False, separators=(",", ":")) != text:
        raise ValueError("written otherwise")
    return value


def _integer(digits: str) -> int:
    return int(digits) if len(digits.lstrip("-")) <= _MOST_DIGITS else _refuse(digits)


def _refuse(number: str) -> int:
    raise ValueError(f"no number of this format: {number[:_MOST_DIGITS]}")


def _check_parts(value: object, depth: int = 0) -> None:
    parts: Iterable[object] = ()
    if isinstance(value, dict):
        if any(key.isascii() and key.isdigit() for key in value):
            raise ValueError("a number as a key, which some readers put first")
        parts = value.values()
    elif isinstance(value, list):
        parts = value
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    for part in parts:
        _check_parts(part, depth + 1)
