"""How long one waits for an appointment, as it was known at the end of a day."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.service_figures.counts import Figure, count_days
from services.controlling.service_figures.fact import Fact, Part
from services.controlling.service_figures.lead_time import (
    LOOKED_BACK,
    Booked,
    LeadTime,
    lead_times,
)
from shared.events.catalogue.appointment import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentCapacityPublished,
    AppointmentRescheduled,
)
from shared.events.registry import Facts
from shared.organisation.calendar import Calendar

CALENDAR = Calendar("DE-BW", ZoneInfo("Europe/Berlin"))
FRIDAY = date(2026, 5, 8)
MONDAY, TUESDAY, WEDNESDAY = (FRIDAY + timedelta(days=days) for days in (3, 4, 5))
NOON = datetime(2026, 5, 8, 10, tzinfo=UTC)
GOAL = 2


def fact(data: Facts, days: int = 0) -> Fact:
    at = NOON + timedelta(days=days)
    if isinstance(data, AppointmentCapacityPublished):
        return Fact(Part.CAPACITY, data.day, at, data)
    return Fact(Part.APPOINTMENTS, FRIDAY, at, data)


def counted(facts: Iterable[Fact]) -> list[Figure]:
    """Count as the loop does, whatever the days."""
    every = [FRIDAY + timedelta(days=days) for days in range(-60, 60)]
    found = list(facts)
    return [
        figure
        for part in (Part.CAPACITY, Part.APPOINTMENTS)
        for figure in count_days(
            part, [one for one in found if one.part is part], every, CALENDAR.day_of
        )
    ]


def published(day: date, slots: int, days: int = -7, office: str = "north") -> Fact:
    data = AppointmentCapacityPublished(office=office, service_key="permit", day=day, slots=slots)
    return fact(data, days)


def name(letter: str) -> str:
    return "appointment-" + letter * 26


def booked(day: date, letter: str = "a", days: int = -5, *, emergency: bool = False) -> Fact:
    starts = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)
    data = AppointmentBooked(
        appointment_id=name(letter),
        service_key="permit",
        office="north",
        starts=starts,
        emergency=emergency,
    )
    return fact(data, days)


def moved(day: date, days: int = -1) -> Fact:
    starts = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)
    return fact(AppointmentRescheduled(appointment_id=name("a"), starts=starts), days)


def cancelled(days: int = -1) -> Fact:
    return fact(AppointmentCancelled(appointment_id=name("a")), days)


def on_friday(*facts: Fact) -> LeadTime:
    [found] = lead_times(counted(facts), (FRIDAY - timedelta(days=27), FRIDAY), CALENDAR, GOAL)
    return found


@pytest.mark.parametrize(
    ("facts", "first", "third"),
    [
        pytest.param([published(MONDAY, 5)], 1, 1, id="the weekend counts for nothing"),
        pytest.param([published(MONDAY, 1), published(WEDNESDAY, 2)], 1, 3, id="the third"),
        pytest.param([published(MONDAY, 1), booked(MONDAY)], None, None, id="all is taken"),
        pytest.param([published(MONDAY, 1), booked(MONDAY), cancelled()], 1, None, id="cancelled"),
        pytest.param(
            [published(MONDAY, 1), published(TUESDAY, 1), booked(MONDAY), moved(TUESDAY)],
            1, None, id="what is moved holds one slot",
        ),
        pytest.param(
            [published(MONDAY, 1), booked(MONDAY), cancelled(days=3)],
            None, None, id="cancelled afterwards",
        ),
        pytest.param([published(FRIDAY, 5)], None, None, id="today is over"),
        pytest.param(
            [published(TUESDAY, 5), published(MONDAY, 5, days=3)], 2, 2, id="published afterwards"
        ),
        pytest.param(
            [published(MONDAY, 5), published(MONDAY, 0, days=-1), published(TUESDAY, 3)],
            2, 2, id="taken back",
        ),
        pytest.param(
            [published(MONDAY, 1), published(MONDAY, 2, office="south")], 1, 1, id="two offices"
        ),
        pytest.param(
            [published(MONDAY, 1), booked(MONDAY, emergency=True)], 1, None, id="an emergency"
        ),
        pytest.param(
            [published(MONDAY, 1), booked(MONDAY), booked(MONDAY, "b"), published(TUESDAY, 1)],
            2, None, id="overbooked days lend nothing",
        ),
        pytest.param(
            [
                published(MONDAY, 1), published(MONDAY, 2, office="south"),
                *(booked(MONDAY, letter) for letter in "abc"),
            ],
            1, None, id="an overbooked office takes no slot of another",
        ),
        pytest.param(
            [published(MONDAY, 1, office="south"), booked(MONDAY)],
            1, None, id="bookings where nothing was published",
        ),
    ],
)  # fmt: skip
def test_first_and_third_free_slot(facts: list[Fact], first: int | None, third: int | None) -> None:
    found = on_friday(*facts)
    assert (found.first_free, found.third_free) == (first, third)


def test_it_says_how_long_ago_the_goal_was_met() -> None:
    wednesday, last_week = published(WEDNESDAY, 1), FRIDAY - timedelta(days=8)
    assert on_friday(wednesday).met is None
    assert on_friday(published(MONDAY, 1)).met == 0
    assert on_friday(wednesday, published(last_week, 1, days=-20)).met == 6


@pytest.mark.parametrize(
    ("facts", "unmet_for"),
    [
        pytest.param([published(WEDNESDAY, 1, days=-45)], 20, id="as far as is looked back"),
        pytest.param([published(WEDNESDAY, 1, days=-8)], 5, id="since anything was published"),
        pytest.param([published(WEDNESDAY, 1, days=0)], None, id="since today"),
        pytest.param([published(MONDAY, 1)], None, id="it is met"),
        pytest.param([booked(MONDAY)], None, id="nothing was ever published"),
    ],
)
def test_it_says_for_how_long_the_goal_was_not_met(
    facts: list[Fact], unmet_for: int | None
) -> None:
    found = on_friday(*facts)
    assert found.unmet_for == unmet_for
    assert found.met == (0 if found.first_free == 1 else None)


def test_the_course_tells_each_working_day_as_it_was_known_at_its_end() -> None:
    told = on_friday(published(TUESDAY, 1, days=-4), published(MONDAY, 2, days=-1), booked(TUESDAY))
    course = {one.day: (one.first_free, one.third_free) for one in told.course}
    thursday, wednesday = FRIDAY - timedelta(days=1), FRIDAY - timedelta(days=2)
    assert list(course)[:3] == [FRIDAY, thursday, wednesday], "the latest first"
    assert len(course) == LOOKED_BACK + 1
    assert course[FRIDAY] == (told.first_free, told.third_free) == (1, None)
    assert course[thursday] == (2, None)
    assert course[wednesday] == (None, None), "the only slot was taken before"
    assert min(course) == date(2026, 4, 9)


def test_of_those_who_booked_is_told_once_they_are_seven() -> None:
    letters = "abcdefg"
    bookings = [booked(MONDAY, letter, days=-4) for letter in letters]
    assert on_friday(published(MONDAY, 9), *bookings[:6]).booked is None
    assert on_friday(published(MONDAY, 9), *bookings).booked == Booked(7, half=5, most=5)


@pytest.mark.parametrize("days", [0, 1, 2], ids=["friday", "saturday", "sunday"])
def test_who_books_for_the_next_working_day_waits_one(days: int) -> None:
    bookings = [booked(MONDAY, letter, days) for letter in "abcdefg"]
    weekend = FRIDAY, FRIDAY + timedelta(days=2)
    [found] = lead_times(counted(bookings), weekend, CALENDAR, GOAL)
    assert found.booked == Booked(7, half=1, most=1)


@given(
    st.permutations([
        published(MONDAY, 2), booked(MONDAY), moved(TUESDAY), published(TUESDAY, 1),
        booked(MONDAY, "b"), booked(WEDNESDAY, "c"), published(WEDNESDAY, 3), cancelled(days=0),
    ])
)  # fmt: skip
def test_the_order_in_which_things_are_told_changes_nothing(facts: list[Fact]) -> None:
    found = on_friday(*facts)
    assert (found.first_free, found.third_free) == (1, 3)
