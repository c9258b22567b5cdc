"""Two intervals on one axis, laid out for a page to draw."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.controlling.measures.effect import Side
from services.controlling.statistics.intervals import Interval

LEFT, RIGHT = 76, 342
"""Where the axis begins and ends, in the picture's own units."""
_AXES = ((2, 1), (5, 1), (10, 2), (20, 5), (40, 10), (60, 20), (100, 25))
"""Per cents at which an axis may end, each with the distance of its marks."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A number on the axis."""

    x: float
    share: float


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval, and the middle of the step that the rate inside it lies in."""

    lower: float
    rate: float
    upper: float


@dataclass(frozen=True, slots=True)
class Picture:
    """Where everything stands, from left to right."""

    before: Bar
    after: Bar
    marks: Sequence[Mark]


def picture(before: Side, after: Side) -> Picture:
    """Lay both out on the shortest axis that holds them."""
    highest = max(before.limits.upper, after.limits.upper)
    end, step = next((one for one in _AXES if one[0] / 100 >= highest), _AXES[-1])

    def place(share: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * share * 100 / end, 1)

    def bar(side: Side) -> Bar:
        return Bar(place(side.limits.lower), place(_middle(side.rate)), place(side.limits.upper))

    shares = [per_cent / 100 for per_cent in range(0, end + 1, step)]
    return Picture(bar(before), bar(after), [Mark(place(share), share) for share in shares])


def _middle(step: Interval) -> float:
    return (step.lower + step.upper) / 2
