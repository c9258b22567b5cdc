"""Whether the emergency counter opened, and whether more was booked than it had."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.service_figures.emergency_counter import (
    EmergencyCounter,
    Standing,
    count_windows,
    standing,
)
from services.controlling.service_figures.fact import Fact, Part, facts_in
from shared.events.catalogue.appointment import AppointmentBooked
from shared.events.catalogue.office import (
    EmergencyWindowClosed,
    EmergencyWindowOpened,
    EmergencyWindowSlotBooked,
)
from shared.events.event import new_event
from shared.organisation.calendar import OpenTime

DAY = date(2026, 5, 4)
OPENS = datetime(2026, 5, 4, 6, 30, tzinfo=UTC)
HOURS = (OpenTime(OPENS, OPENS + timedelta(hours=2)),)
GRACE = timedelta(minutes=10)


def opened(slots: int, minutes: int = 0, office: str = "north") -> Fact:
    data = EmergencyWindowOpened(office=office, day=DAY, slots=slots)
    return Fact(Part.EMERGENCY_COUNTER, DAY, OPENS + timedelta(minutes=minutes), data)


def booked(slot: int, hours_before: float = 1, office: str = "north") -> Fact:
    data = EmergencyWindowSlotBooked(office=office, starts=OPENS + timedelta(minutes=15 * slot))
    return Fact(Part.EMERGENCY_COUNTER, DAY, OPENS - timedelta(hours=hours_before), data)


def closed(office: str = "north") -> Fact:
    data = EmergencyWindowClosed(office=office, day=DAY)
    return Fact(Part.EMERGENCY_COUNTER, DAY, OPENS + timedelta(hours=2), data)


def counted(*facts: Fact) -> EmergencyCounter:
    return count_windows(facts, datetime.date)["north"]


def test_a_day_of_the_counter_is_told_by_its_events() -> None:
    found = counted(opened(8), booked(0), booked(1, hours_before=30), closed())
    assert found == EmergencyCounter(OPENS, OPENS + timedelta(hours=2), 8, booked=2, same_day=1)
    assert (found.free, found.overbooked, found.same_day_share) == (6, 0, 0.5)


@pytest.mark.parametrize(
    ("facts", "overbooked", "doubled"),
    [
        pytest.param([opened(8), *map(booked, range(8))], 0, 0, id="full"),
        pytest.param([opened(2), *map(booked, range(3))], 1, 0, id="one too many"),
        pytest.param(
            [opened(8, -600), opened(2), *map(booked, range(3))],
            1,
            0,
            id="an exception to a series",
        ),
        pytest.param(
            [opened(2, -600), opened(8), *map(booked, range(3))], 0, 0, id="an exception with more"
        ),
        pytest.param([opened(1), booked(0), booked(0)], 1, 1, id="two clicks at once"),
        pytest.param(
            [opened(2), *map(booked, range(3)), opened(8, office="south")], 1, 0, id="two offices"
        ),
        pytest.param([opened(0), booked(0)], 1, 0, id="shut, and booked"),
        pytest.param([booked(0), booked(1)], 0, 0, id="slots unknown"),
    ],
)
def test_overbooking_is_seen_where_it_broke_elsewhere(
    facts: list[Fact], overbooked: int, doubled: int
) -> None:
    found = counted(*facts)
    assert (found.overbooked, found.doubled) == (overbooked, doubled)


@pytest.mark.parametrize(
    ("counter", "hours", "minutes", "expected"),
    [
        (None, (), 0, Standing.NO_DAY),
        (None, HOURS, 5, Standing.AWAITED),
        (None, HOURS, 11, Standing.MISSING),
        (EmergencyCounter(booked=3), HOURS, 11, Standing.MISSING),
        (EmergencyCounter(opened_at=OPENS), HOURS, 11, Standing.OPENED),
        (EmergencyCounter(opened_at=OPENS + timedelta(minutes=11)), HOURS, 20, Standing.LATE),
        (EmergencyCounter(opened_at=OPENS), (), 0, Standing.OPENED),
    ],
)
def test_a_counter_is_missing_once_its_hour_has_passed(
    counter: EmergencyCounter | None,
    hours: tuple[OpenTime, ...],
    minutes: int,
    expected: Standing,
) -> None:
    assert standing(counter, hours, OPENS + timedelta(minutes=minutes), GRACE) is expected


def test_slots_that_were_told_ahead_open_no_counter() -> None:
    ahead = counted(opened(8, -600))
    assert (ahead.opened_at, ahead.slots) == (None, 8)
    later = OPENS + timedelta(minutes=11)
    assert standing(ahead, HOURS, later, GRACE) is Standing.MISSING
    assert standing(counted(opened(8, -600), opened(8)), HOURS, later, GRACE) is Standing.OPENED


def test_a_case_s_booking_of_an_emergency_counts_among_appointments_alone() -> None:
    told = AppointmentBooked(
        appointment_id="appointment-" + "a" * 26,
        service_key="residence-work",
        office="north",
        starts=OPENS,
        emergency=True,
    )
    [(_, fact)] = facts_in([new_event("urn:test", "case", told, time=OPENS)], datetime.date)
    assert fact.part is Part.APPOINTMENTS


@given(st.lists(st.builds(booked, st.integers(0, 7))), st.integers(0, 10), st.randoms())
def test_late_and_out_of_order_changes_nothing(
    bookings: list[Fact], slots: int, chance: object
) -> None:
    facts = [opened(slots), *bookings, closed()]
    shuffled = sorted(facts, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert counted(*shuffled) == counted(*facts)
    assert counted(*facts).overbooked == max(0, len(bookings) - slots)
