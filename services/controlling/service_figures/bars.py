"""Where the picture of what waits has its bars: a row for each day of arrival. Pure.

Lengths are in units of the picture, whose width is `WIDTH`; it is drawn by `today.html`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 400
_LEFT, _RIGHT = 200.0, 350.0
_TOP, _ROW = 6.0, 22.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A row; one of which no number may be shown has no length.

    Attributes:
        top: Where it begins.
        length: How long it is.
    """

    top: float
    length: float | None


@dataclass(frozen=True, slots=True)
class Bars:
    """The whole picture; `left` is where bars begin."""

    width: float
    height: float
    left: float
    rows: Sequence[Bar]


def bars(numbers: Sequence[int | None]) -> Bars:
    """Lay the picture out, a row for each number; None where none may be shown."""
    longest = max([1, *filter(None, numbers)])
    rows = [
        Bar(
            _TOP + _ROW * place,
            None if number is None else round((_RIGHT - _LEFT) * number / longest, 1),
        )
        for place, number in enumerate(numbers)
    ]
    return Bars(WIDTH, _TOP + _ROW * len(rows), _LEFT, rows)
