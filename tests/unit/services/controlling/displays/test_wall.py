"""What a display shows is of one office, of today, of no few people, and says when it is old."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.controlling.displays.wall import QUIET, Told, Wall, wall
from services.controlling.service_figures.counts import Figure
from services.controlling.service_figures.emergency_counter import EmergencyCounter
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
NOTHING = Told([], [], None)


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
    assert at(Told([calls("direct", 6)], [], None)).calls is None
    shown = at(Told([calls("direct", 4), calls("hotline-115", 3)], [], None)).calls
    assert shown is not None
    assert shown.offered == 7


def test_an_office_shows_its_own_alone() -> None:
    figures = [counter("kaiserallee"), counter("second"), calls("direct", 9), calls("second", 8)]
    soon, later = MONDAY + timedelta(days=1), MONDAY + timedelta(days=3)
    slots = [offered("kaiserallee", "settlement", later), offered("second", "settlement", soon)]
    own = at(Told(figures, slots, TEN), "kaiserallee")
    assert [one.office for one in own.counters] == ["kaiserallee"]
    assert own.calls is not None
    assert own.calls.offered == 9
    assert [one.first_free for one in own.lead_times] == [3]
    both = at(Told(figures, slots, TEN))
    assert [one.office for one in both.counters] == ["kaiserallee", "second"]
    assert both.calls is not None
    assert both.calls.offered == 17
    assert [one.first_free for one in both.lead_times] == [1]


def test_the_longest_lead_time_stands_first_and_none_at_all_before_it() -> None:
    days = {"settlement": 1, "residence-work": 4, "residence-family": -3}
    slots = [offered("second", one, MONDAY + timedelta(days=days[one])) for one in days]
    found = at(Told([], slots, TEN)).lead_times
    assert [one.service for one in found] == ["residence-family", "residence-work", "settlement"]


@pytest.mark.parametrize(
    ("last", "now", "quiet_since"),
    [
        pytest.param(None, OPENS + QUIET, None, id="the office has just opened"),
        pytest.param(None, OPENS + 2 * QUIET, OPENS, id="nothing was told since it opened"),
        pytest.param(TEN - QUIET, TEN, None, id="something was told lately"),
        pytest.param(TEN - 2 * QUIET, TEN, TEN - 2 * QUIET, id="nothing was told for long"),
        pytest.param(None, OPENS - timedelta(hours=1), None, id="the office isn't open yet"),
        pytest.param(OPENS, TEN + timedelta(hours=6), None, id="the office has closed"),
    ],
)
def test_an_open_office_of_which_nothing_is_told_has_old_figures(
    last: datetime | None, now: datetime, quiet_since: datetime | None
) -> None:
    assert at(Told([], [], last), now=now).quiet_since == quiet_since


def test_a_day_off_has_no_counter_and_is_not_old() -> None:
    sunday = at(NOTHING, now=TEN - timedelta(days=1))
    assert list(sunday.counters) == []
    assert sunday.quiet_since is None
