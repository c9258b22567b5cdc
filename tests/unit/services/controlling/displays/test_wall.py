"""What a display shows is of one office, of today, of no few people, and says when it is old."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.controlling.displays.wall import QUIET, Told, Wall, wall
from services.controlling.service_figures.counts import Figure
from services.controlling.service_figures.emergency_counter import EmergencyCounter, Standing
from services.controlling.service_figures.fact import Part
from services.controlling.service_figures.offers import Offer, Offers
from services.controlling.service_figures.telephone import Telephone
from shared.configuration.places import ORGANISATION
from shared.organisation.file import load_organisation
from shared.organisation.model import Name, Organisation, TelephoneLine

KARLSRUHE = load_organisation(ORGANISATION)
MONDAY = date(2026, 5, 4)
OPENS = datetime(2026, 5, 4, 6, 30, tzinfo=UTC)
TEN = datetime(2026, 5, 4, 8, tzinfo=UTC)


def with_two_offices() -> Organisation:
    [first] = KARLSRUHE.offices
    line = TelephoneLine(key="second", name=Name(de="Zweite", en="Second"))
    second = first.model_copy(update={"key": "second", "lines": (line,)})
    return KARLSRUHE.model_copy(update={"offices": (first, second)})


def calls(place: str, number: int) -> Figure:
    return Figure(Part.TELEPHONE, MONDAY, place, Telephone(number, waited=(60,) * number))


def counter(place: str) -> Figure:
    return Figure(Part.EMERGENCY_COUNTER, MONDAY, place, EmergencyCounter(OPENS, slots=8, booked=3))


def offered(place: str, service: str, day: date) -> Figure:
    said = Offers((Offer(service, MONDAY - timedelta(days=7), 3),))
    return Figure(Part.CAPACITY, day, place, said)


def at(told: Told, office: str | None = None, now: datetime = TEN) -> Wall:
    return wall(told, with_two_offices(), office, now)


def test_of_fewer_than_seven_calls_nothing_is_shown() -> None:
    assert at(Told(MONDAY, [calls("direct", 6)], [], None)).calls is None
    shown = at(Told(MONDAY, [calls("direct", 4), calls("hotline-115", 3)], [], None)).calls
    assert shown is not None
    assert shown.offered == 7


def test_an_office_shows_its_own_alone() -> None:
    figures = [counter("kaiserallee"), counter("second"), calls("direct", 9), calls("second", 8)]
    soon, later = MONDAY + timedelta(days=1), MONDAY + timedelta(days=3)
    slots = [offered("kaiserallee", "settlement", later), offered("second", "settlement", soon)]
    own = at(Told(MONDAY, figures, slots, TEN), "kaiserallee")
    assert [one.office for one in own.counters] == ["kaiserallee"]
    assert own.calls is not None
    assert own.calls.offered == 9
    assert [one.first_free for one in own.lead_times] == [3]
    both = at(Told(MONDAY, figures, slots, TEN))
    assert [one.office for one in both.counters] == ["kaiserallee", "second"]
    assert both.calls is not None
    assert both.calls.offered == 17
    assert [one.first_free for one in both.lead_times] == [1]


def test_the_longest_lead_time_stands_first_and_none_at_all_before_it() -> None:
    days = {"settlement": 1, "residence-work": 4, "residence-family": -3}
    slots = [offered("second", one, MONDAY + timedelta(days=days[one])) for one in days]
    found = at(Told(MONDAY, [], slots, TEN)).lead_times
    assert [one.service for one in found] == ["residence-family", "residence-work", "settlement"]


THURSDAY = datetime(2026, 4, 30, 8, tzinfo=UTC)
"""The last working day: the first of May was a holiday."""


@pytest.mark.parametrize(
    ("last", "now", "quiet"),
    [
        pytest.param(THURSDAY, OPENS + QUIET, False, id="the office has just opened"),
        pytest.param(None, OPENS + 2 * QUIET, True, id="nothing was told since it opened"),
        pytest.param(THURSDAY, OPENS + 2 * QUIET, True, id="the last thing is of another day"),
        pytest.param(TEN - QUIET, TEN, False, id="something was told lately"),
        pytest.param(TEN - 2 * QUIET, TEN, True, id="nothing was told for long"),
        pytest.param(THURSDAY, OPENS - timedelta(hours=1), False, id="the office isn't open yet"),
        pytest.param(OPENS, TEN + timedelta(hours=6), False, id="the office has closed"),
        pytest.param(THURSDAY, TEN + timedelta(hours=6), True, id="it told nothing all day"),
        pytest.param(None, OPENS - timedelta(hours=1), True, id="it never told anything"),
    ],
)
def test_figures_are_old_when_an_office_should_have_told_something(
    last: datetime | None, now: datetime, *, quiet: bool
) -> None:
    assert at(Told(MONDAY, [], [], last), now=now).quiet is quiet


def test_a_day_off_has_no_counter_and_is_not_old() -> None:
    now = TEN - timedelta(days=1)
    sunday = at(Told(now.date(), [], [], THURSDAY), now=now)
    assert list(sunday.counters) == []
    assert not sunday.quiet


def test_a_day_that_is_long_over_is_told_as_it_was_and_is_not_today() -> None:
    figures, later = [counter("kaiserallee"), calls("direct", 9)], TEN + timedelta(days=40)
    found = at(Told(MONDAY, figures, [], TEN), "kaiserallee", later)
    assert (found.day, found.current) == (MONDAY, False)
    assert [one.standing for one in found.counters] == [Standing.OPENED]
    assert found.calls is not None
    assert at(Told(MONDAY, figures, [], TEN)).current
