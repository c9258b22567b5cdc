"""Which days are shown when nobody asks for others, and which counters."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.controlling.service_figures.counts import Figure
from services.controlling.service_figures.emergency_counter import EmergencyCounter, Standing
from services.controlling.service_figures.fact import Part
from services.controlling.service_figures.overview import CounterDay, counter_days, four_weeks
from shared.configuration.places import ORGANISATION
from shared.organisation.file import load_organisation

TODAY = date(2026, 5, 29)
LATELY, MARCH, APRIL = date(2026, 5, 20), date(2026, 3, 2), date(2026, 4, 1)
KARLSRUHE = load_organisation(ORGANISATION)
NOON = datetime(2026, 5, 4, 10, tzinfo=UTC)
MONDAY = NOON.date()
SUNDAY = MONDAY - timedelta(days=1)
DESCRIBED = KARLSRUHE.office("kaiserallee").emergency_counter
assert DESCRIBED is not None
SLOTS = DESCRIBED.slots


@pytest.mark.parametrize(
    ("latest", "told", "last"),
    [
        pytest.param(LATELY, LATELY, TODAY, id="all goes on"),
        pytest.param(LATELY, MARCH, TODAY, id="only appointments go on"),
        pytest.param(LATELY, None, TODAY, id="there never was anything but appointments"),
        pytest.param(APRIL, MARCH, MARCH, id="nothing goes on"),
        pytest.param(APRIL, None, APRIL, id="no appointments go on"),
        pytest.param(None, None, TODAY, id="nothing was ever told"),
    ],
)
def test_four_weeks_go_up_to_today_while_anything_goes_on(
    latest: date | None, told: date | None, last: date
) -> None:
    assert four_weeks(TODAY, latest, told) == (last - timedelta(days=27), last)


def test_a_counter_of_an_office_that_nobody_described_is_shown() -> None:
    elsewhere = EmergencyCounter(NOON - timedelta(hours=3), slots=1, booked=2)
    figure = Figure(Part.EMERGENCY_COUNTER, MONDAY, "elsewhere", elsewhere)
    known, unknown = counter_days([figure], KARLSRUHE, (MONDAY, MONDAY), NOON)
    assert (known.office, known.standing) == ("kaiserallee", Standing.MISSING)
    assert unknown == CounterDay("elsewhere", MONDAY, Standing.OPENED, elsewhere)
    assert unknown.alarming


@pytest.mark.parametrize(
    ("day", "booked", "overbooked"),
    [
        pytest.param(MONDAY, SLOTS + 1, 1, id="one too many"),
        pytest.param(MONDAY, SLOTS, 0, id="full"),
        pytest.param(SUNDAY, 3, 0, id="of a day on which it needn't open nothing is known"),
    ],
)
def test_until_slots_are_told_a_counter_has_those_of_its_office(
    day: date, booked: int, overbooked: int
) -> None:
    figure = Figure(Part.EMERGENCY_COUNTER, day, "kaiserallee", EmergencyCounter(booked=booked))
    [found] = counter_days([figure], KARLSRUHE, (day, day), NOON)
    assert found.counter is not None
    assert found.counter.overbooked == overbooked
