"""What became of appointments: who waited, who didn't come, which slots were filled again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.service_figures.customer_flow import (
    Flow,
    Flows,
    Taken,
    count_appointments,
    released,
)
from services.controlling.service_figures.fact import Fact, Part
from shared.events.catalogue.appointment import (
    AppointmentAttended,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentRescheduled,
)
from shared.events.registry import Facts

MONDAY, TUESDAY = date(2026, 5, 4), date(2026, 5, 5)
NINE = datetime(2026, 5, 4, 9, tzinfo=UTC)
ONE_DAY = timedelta(days=1)


def fact(days_before: float, data: Facts) -> Fact:
    return Fact(Part.APPOINTMENTS, MONDAY, NINE - timedelta(days=days_before), data)


def name(letter: str) -> str:
    return "appointment-" + letter * 26


def booked(
    letter: str, days_before: float = 9, starts: datetime = NINE, office: str = "north"
) -> Fact:
    data = AppointmentBooked(
        appointment_id=name(letter), service_key="permit", office=office, starts=starts
    )
    return fact(days_before, data)


def moved(letter: str, days_before: float, starts: datetime) -> Fact:
    return fact(days_before, AppointmentRescheduled(appointment_id=name(letter), starts=starts))


def cancelled(letter: str, days_before: float) -> Fact:
    return fact(days_before, AppointmentCancelled(appointment_id=name(letter)))


def attended(letter: str, waited: int | None = None) -> Fact:
    data = AppointmentAttended(appointment_id=name(letter), waited_seconds=waited)
    return fact(0, data)


def missed(letter: str) -> Fact:
    return fact(0, AppointmentMissed(appointment_id=name(letter)))


def on_monday(*facts: Fact) -> Flow:
    return by_day(*facts).get((MONDAY, "north"), Flow())


def by_day(*facts: Fact) -> Mapping[tuple[date, str], Flow]:
    """Count, and leave out when slots were taken, which has a test of its own."""
    counted = count_appointments(facts, datetime.date)
    return {place: replace(flow, taken=()) for place, flow in counted.items()}


@pytest.mark.parametrize(
    ("facts", "flow"),
    [
        pytest.param([booked("a")], Flow(open=1), id="nobody says more"),
        pytest.param([booked("a"), attended("a", 60)], Flow(served=1, waited=(60,)), id="served"),
        pytest.param([booked("a"), missed("a")], Flow(missed=1), id="a no-show doesn't wait"),
        pytest.param([booked("a"), cancelled("a", 2)], Flow(cancelled=1), id="cancelled"),
        pytest.param(
            [booked("a"), cancelled("a", 2), booked("b", 1), attended("b")],
            Flow(served=1, cancelled=1, filled_again=1),
            id="filled again",
        ),
        pytest.param(
            [booked("a"), booked("b", 3), cancelled("a", 2)],
            Flow(open=1, cancelled=1),
            id="booked beside, before it was freed",
        ),
        pytest.param(
            [booked("a"), cancelled("a", 2), booked("b", 1), booked("c", 0.5)],
            Flow(open=2, cancelled=1, filled_again=1),
            id="one slot is filled again once",
        ),
        pytest.param(
            [booked("a"), cancelled("a", 2), booked("b", 1, office="south")],
            Flow(cancelled=1),
            id="another office fills nothing",
        ),
        pytest.param([attended("a")], Flow(), id="never booked"),
    ],
)
def test_what_became_of_the_appointments_of_a_day(facts: list[Fact], flow: Flow) -> None:
    assert on_monday(*facts) == flow


def test_what_is_moved_counts_on_both_days() -> None:
    found = by_day(booked("a"), moved("a", 2, NINE + ONE_DAY), attended("a", 5))
    assert found == {
        (MONDAY, "north"): Flow(moved=1),
        (TUESDAY, "north"): Flow(served=1, waited=(5,)),
    }


@pytest.mark.parametrize(
    ("ended", "flow"),
    [
        pytest.param(missed("a"), Flow(missed=1), id="missed"),
        pytest.param(cancelled("a", 2), Flow(cancelled=1), id="cancelled"),
        pytest.param(attended("a", 5), Flow(served=1, waited=(5,)), id="served"),
    ],
)
def test_what_ended_before_it_was_moved_stays_on_its_day(ended: Fact, flow: Flow) -> None:
    later = moved("a", -0.1, NINE + ONE_DAY)
    found = by_day(booked("a"), ended, later)
    assert found == {(MONDAY, "north"): flow, (TUESDAY, "north"): Flow(open=1)}


def test_a_day_keeps_when_its_slots_were_taken_and_freed() -> None:
    facts = [
        booked("a"), moved("a", 2, NINE + ONE_DAY),
        booked("b", 9), cancelled("b", 2), cancelled("b", 1),
        booked("c", 2),
    ]  # fmt: skip
    found = count_appointments(facts, datetime.date)
    before, then = date(2026, 4, 25), date(2026, 5, 2)
    assert found[MONDAY, "north"].taken == (
        Taken("permit", before, booked=2),
        Taken("permit", then, booked=1, freed=2),
    )
    assert found[TUESDAY, "north"].taken == (Taken("permit", then, moved=1),)


def test_an_emergency_takes_no_slot_that_was_published() -> None:
    emergency = AppointmentBooked(
        appointment_id=name("a"), service_key="permit", office="north", starts=NINE, emergency=True
    )
    [flow] = count_appointments([fact(1, emergency)], datetime.date).values()
    assert flow == Flow(open=1)


def test_what_is_cancelled_and_then_moved_is_free_once() -> None:
    facts = [booked("a"), cancelled("a", 3), moved("a", 2, NINE + ONE_DAY)]
    assert on_monday(*facts, booked("b", 1), booked("c", 0.5)).filled_again == 1


def test_two_who_exchange_their_times_have_filled_both_again() -> None:
    found = count_appointments(
        [
            booked("a"),
            booked("b", starts=NINE + ONE_DAY),
            moved("a", 2, NINE + ONE_DAY),
            moved("b", 2, NINE),
        ],
        datetime.date,
    )
    assert [flow.filled_again for flow in found.values()] == [1, 1]


@given(
    st.permutations([
        booked("a"), moved("a", 5, NINE + ONE_DAY), moved("a", 3, NINE), attended("a", 9),
        booked("b", 4), cancelled("b", 1), booked("c", 0.5), missed("c"),
    ])
)  # fmt: skip
def test_the_order_in_which_things_are_told_changes_nothing(facts: list[Fact]) -> None:
    assert on_monday(*facts) == Flow(
        served=1, missed=1, cancelled=1, moved=1, filled_again=2, waited=(9,)
    )


def test_days_of_few_are_hidden_and_nothing_tells_of_them() -> None:
    found = released({
        (MONDAY, "north"): Flow(served=20, missed=5),
        (TUESDAY, "north"): Flow(served=3),
        (TUESDAY + ONE_DAY, "north"): Flow(served=30, missed=4),
        (TUESDAY + 2 * ONE_DAY, "north"): Flow(open=9),
    })  # fmt: skip
    assert dict(found.days)[TUESDAY] is None
    assert found.whole is None or list(dict(found.days).values()).count(None) > 1


def test_without_appointments_there_is_nothing_to_release() -> None:
    assert released({}) == Flows(Flow(), [], {})


def test_waits_are_told_once_they_are_of_seven() -> None:
    few = Flow(served=20, waited=(60,) * 6)
    enough = Flow(served=20, waited=(*few.waited, 90))
    assert (few.wait(0.5), few.wait(0.9)) == (None, None)
    assert (enough.wait(0.5), enough.wait(0.9)) == (timedelta(minutes=1), timedelta(seconds=90))
