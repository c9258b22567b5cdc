"""Two intervals on one axis."""

import pytest

from services.controlling.measures.effect import Side
from services.controlling.measures.picture import LEFT, RIGHT, picture
from services.controlling.statistics.intervals import Interval


def side(lower: float, rate: float, upper: float) -> Side:
    return Side(40, Interval(rate, rate), Interval(lower, upper), 0.001)


@pytest.mark.parametrize(
    ("upper", "marks"),
    [
        (0.004, [0, 0.01, 0.02]),
        (0.05, [0, 0.01, 0.02, 0.03, 0.04, 0.05]),
        (0.11, [0, 0.05, 0.1, 0.15, 0.2]),
        (0.41, [0, 0.2, 0.4, 0.6]),
        (1.0, [0, 0.25, 0.5, 0.75, 1.0]),
    ],
)
def test_the_axis_is_the_shortest_that_holds_both(upper: float, marks: list[float]) -> None:
    found = picture(side(0, 0, upper), side(0, 0, 0.001))
    assert [one.share for one in found.marks] == pytest.approx(marks)
    assert (found.marks[0].x, found.marks[-1].x) == (LEFT, RIGHT)


def test_what_is_as_large_stands_as_far_right_on_both_lines() -> None:
    found = picture(side(0.1, 0.2, 0.4), side(0.0, 0.1, 0.2))
    assert found.after.upper == found.before.rate
    assert found.after.rate == found.before.lower
    assert found.after.lower == LEFT
    assert found.before.upper == RIGHT
