"""The picture keeps every interval and the goal inside, and its rows in order."""

from hypothesis import given
from hypothesis import strategies as some

from services.controlling.figures.told import ToldEstimate
from services.controlling.results.chart import WIDTH, chart
from services.controlling.statistics.intervals import Interval

SHARES = some.floats(0, 1)


@some.composite
def estimates(draw: some.DrawFn) -> ToldEstimate | None:
    if draw(some.booleans()):
        return None
    lower, least, most, upper = sorted(draw(some.tuples(SHARES, SHARES, SHARES, SHARES)))
    return ToldEstimate(Interval(least, most), Interval(lower, upper), "exact", 0.01)


@given(some.lists(estimates(), min_size=1, max_size=12), some.floats(0.001, 0.999))
def test_everything_is_inside_and_in_order(rates: list[ToldEstimate | None], goal: float) -> None:
    found = chart([(str(at), one) for at, one in enumerate(rates)], 0, goal)
    assert 0 < found.goal <= WIDTH
    assert [mark.y for mark in found.marks] == sorted(mark.y for mark in found.marks)
    assert found.marks[-1].y < found.base < found.height
    for mark, one in zip(found.marks, rates, strict=True):
        if one is None:
            assert mark.low is mark.least is mark.most is mark.high is None
        else:
            assert mark.low is not None
            assert mark.least is not None
            assert mark.most is not None
            assert mark.high is not None
            assert 0 < mark.low <= mark.least <= mark.most <= mark.high <= WIDTH


def test_the_scale_ends_behind_the_widest_interval() -> None:
    wide = ToldEstimate(Interval(0.1, 0.11), Interval(0.05, 0.17), "exact", 0.01)
    assert [share for _, share in chart([("May", wide)], 0, 0.05).ticks] == [0, 0.1, 0.2]
    assert [share for _, share in chart([("May", None)], 0, 0.05).ticks] == [0, 0.05, 0.1]


def test_the_chosen_period_is_marked() -> None:
    found = chart([("April", None), ("May", None)], 1, 0.05)
    assert [mark.chosen for mark in found.marks] == [False, True]


def test_a_rate_is_drawn_from_end_to_end_of_its_step_not_as_a_point() -> None:
    told = ToldEstimate(Interval(0, 0.1), Interval(0, 0.2), "exact", 0.1)
    found = chart([("May", told)], 0, 0.05)
    [mark] = found.marks
    places = {share: place for place, share in found.ticks}
    assert (mark.least, mark.most) == (places[0], places[0.1])
