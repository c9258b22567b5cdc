"""Where the picture of rates has its lines: a row per period, wide enough for the smallest screen.

Lengths are in units of the picture, whose width is `WIDTH`; it is drawn by `results_chart.html`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from services.controlling.figures.told import ToldEstimate

WIDTH = 300
_LEFT, _RIGHT = 102.0, 290.0
_TOP, _ROW, _BOTTOM = 30.0, 26.0, 26.0
_ENDS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Mark:
    """A period's row; without a rate it has its name alone.

    Attributes:
        y: Where its middle is.
        low: Where the interval begins.
        high: Where it ends.
        least: Where the step of the rate begins; where in it the rate is, nobody is told.
        most: Where it ends.
    """

    name: str
    y: float
    low: float | None = None
    high: float | None = None
    least: float | None = None
    most: float | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole picture.

    Attributes:
        goal: Where the goal's line is.
        ticks: Place and share of each line of the scale.
    """

    width: float
    height: float
    base: float
    goal: float
    ticks: Sequence[tuple[float, float]]
    marks: Sequence[Mark]


def chart(periods: Sequence[tuple[str, ToldEstimate | None]], chosen: int, goal: float) -> Chart:
    """Lay the picture out.

    Args:
        periods: Name and rate of each, oldest first; None where none may be shown.
        chosen: Which of them is looked at.
        goal: The share that leadership wants at most.
    """
    most = max([goal * 1.5, *(one.limits.upper for _, one in periods if one)])
    end = next(one for one in _ENDS if one >= min(most, 1))

    def place(share: float) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * share / end, 1)

    marks = [
        Mark(name, _TOP + _ROW * (number + 0.5), chosen=number == chosen)
        if one is None
        else Mark(
            name,
            _TOP + _ROW * (number + 0.5),
            place(one.limits.lower),
            place(one.limits.upper),
            place(one.rate.lower),
            place(one.rate.upper),
            number == chosen,
        )
        for number, (name, one) in zip(count(), periods, strict=False)
    ]
    base = _TOP + _ROW * len(periods)
    ticks = [(place(share), share) for share in (0.0, end / 2, end)]
    return Chart(WIDTH, base + _BOTTOM, base, place(goal), ticks, marks)
