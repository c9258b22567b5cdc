"""Reads numbers as people and spreadsheets write them."""

import re
from decimal import Decimal

_AROUND = re.compile(r"^(?:EUR|€|CHF|\$|£)?\s*|\s*(?:EUR|€|CHF|\$|£)?$", re.IGNORECASE)
_BETWEEN = re.compile(r"(?<=\d)[\s'’](?=\d{3})")
_PLAIN = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,18})?")
_MARKS = ",."


class MarkUnclear(ValueError):
    """A number may be two: `1.234` is a bit over one, or a thousand and more."""


def whole(text: str, mark: str | None) -> int:
    """Read `157`, and `157.0`, into which tools that write CSV turn it; else as `decimal` does.

    Raises:
        MarkUnclear: `1.000` may be a thousand or one.
        ValueError: It is no whole number.
    """
    number = decimal(text, mark)
    if number != number.to_integral_value():
        raise ValueError(text)
    return int(number)


def decimal(text: str, mark: str | None) -> Decimal:
    """Read `1.234,50`, `1,234.50` and `1'234.5`, with a currency and signs before or behind.

    Args:
        text: What stands there.
        mark: The mark before the fraction; left out, it follows from the text.

    Raises:
        MarkUnclear: It may be two numbers, and no mark is told.
        ValueError: It is no number.
    """
    plain = _BETWEEN.sub("", _AROUND.sub("", text.strip()).replace("−", "-"))
    if plain.endswith("-"):  # as SAP writes it
        plain = f"-{plain[:-1]}"
    mark = mark or _mark(plain)
    groups, found, fraction = plain.partition(mark) if mark else (plain, "", "")
    number = _without_groups(groups, mark) + (f".{fraction}" if found else "")
    if not _PLAIN.fullmatch(number):
        raise ValueError(text)
    return Decimal(number)


def _mark(text: str) -> str | None:
    """Give the mark before the fraction: the last one, if that is certain."""
    marks = [letter for letter in text if letter in _MARKS]
    if not marks:
        return None
    last = marks[-1]
    if marks.count(last) > 1:
        return None  # 1.234.567
    whole_part, _, fraction = text.partition(last)
    if len(marks) == 1 and len(fraction) == 3 and 1 <= len(whole_part.lstrip("+-0")) <= 3:  # noqa: PLR2004 - a group has three digits
        raise MarkUnclear(text)
    return last


def _without_groups(text: str, mark: str | None) -> str:
    """Take out the marks between thousands, which stand before three digits each."""
    first, *groups = re.split(r"[.,]", text)
    if any(len(group) != 3 for group in groups) or (groups and mark and mark in text):  # noqa: PLR2004 - as above
        raise ValueError(text)
    return first + "".join(groups)
