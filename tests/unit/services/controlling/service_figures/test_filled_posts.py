"""What comes and waits for each post that somebody works on."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.service_figures.fact import Fact, Part
from services.controlling.service_figures.filled_posts import (
    Arrivals,
    Load,
    Staffing,
    count_arrivals,
    count_staffing,
    load,
)
from shared.events.catalogue.case import ApplicationReceived
from shared.events.catalogue.office import StaffingChanged
from shared.events.vocabulary import IntakeChannel

MONDAY = date(2026, 5, 4)
AT = datetime(2026, 5, 4, 8, tzinfo=UTC)
WEEK = (MONDAY, MONDAY + timedelta(days=6))
KARLSRUHE = Staffing(41.0, 3.95)


def said(posts: float, vacant: float, minutes: int = 0) -> Fact:
    data = StaffingChanged(posts=posts, vacant=vacant)
    return Fact(Part.STAFFING, MONDAY, AT + timedelta(minutes=minutes), data)


def test_the_last_word_of_a_day_counts_whatever_the_order() -> None:
    earlier, later = said(41, 5), said(41, 3.95, 5)
    assert count_staffing([later, earlier]) == count_staffing([earlier, later])
    assert count_staffing([later, earlier]) == {"": KARLSRUHE}
    assert KARLSRUHE.filled == 37.05


def test_applications_of_a_day_are_counted_for_the_whole_authority() -> None:
    data = ApplicationReceived(channel=IntakeChannel.ONLINE, service_key="s", unit="unit-1")
    facts = [Fact(Part.ARRIVALS, MONDAY, AT, data)] * 3
    assert count_arrivals(facts) == {"": Arrivals(3)}


def test_the_load_is_one_of_filled_posts() -> None:
    found = load({MONDAY: 741}, {MONDAY: KARLSRUHE}, 370, WEEK)
    assert found == Load(37.05, 7 * 741 / sum([37.05] * 7), 370 / 37.05)
    assert found.received == pytest.approx(20)


def test_posts_that_are_filled_in_the_middle_count_from_their_day_on() -> None:
    thursday = MONDAY + timedelta(days=3)
    staffing = {MONDAY - timedelta(days=400): Staffing(12, 2), thursday: Staffing(12, 0)}
    found = load({MONDAY: 70, thursday: 8}, staffing, None, WEEK)
    assert found == Load(12, 7 * 78 / (3 * 10 + 4 * 12))


def test_what_came_before_anybody_told_of_posts_counts_for_nothing() -> None:
    thursday = MONDAY + timedelta(days=3)
    found = load({MONDAY: 70, thursday: 40}, {thursday: Staffing(10, 0)}, None, WEEK)
    assert found.received == pytest.approx(7 * 40 / 40)
    assert load({MONDAY: 70}, {}, 90, WEEK) == Load()


@pytest.mark.parametrize(("received", "known"), [(6, False), (7, True)])
def test_nothing_is_told_of_fewer_than_seven(received: int, known: bool) -> None:
    found = load({MONDAY: received}, {MONDAY: KARLSRUHE}, None, WEEK)
    assert (found.received is not None) is known


def test_where_no_post_is_filled_there_is_no_load() -> None:
    assert load({MONDAY: 70}, {MONDAY: Staffing(3, 3)}, 90, WEEK) == Load(0)


@given(st.dictionaries(st.dates(WEEK[0], WEEK[1]), st.integers(7, 99), min_size=1))
def test_days_may_be_told_in_any_order(arrivals: dict[date, int]) -> None:
    backwards = dict(reversed(arrivals.items()))
    staffing = {MONDAY: KARLSRUHE, WEEK[1]: Staffing(41, 0)}
    other_way = dict(reversed(staffing.items()))
    assert load(arrivals, staffing, 9, WEEK) == load(backwards, other_way, 9, WEEK)
