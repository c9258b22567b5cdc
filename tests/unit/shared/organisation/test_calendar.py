"""Working days and opening hours."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation

SHIPPED = Path(__file__).parents[4] / "deploy/organisation/karlsruhe.yaml"
KARLSRUHE = load_organisation(SHIPPED)
CALENDAR = Calendar.of(KARLSRUHE)
OFFICE = KARLSRUHE.offices[0]
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 1, 5), True),
        (date(2026, 1, 6), False),  # Epiphany, a holiday in Baden-Württemberg
        (date(2026, 1, 10), False),  # Saturday
        (date(2026, 6, 4), False),  # Corpus Christi
        (date(2026, 12, 24), False),  # the authority's own closing day
        (date(2026, 12, 30), True),
    ],
)
def test_holidays_weekends_and_closing_days_are_not_worked_on(day: date, *, works: bool) -> None:
    assert CALENDAR.is_working_day(day) is works


def test_a_whole_country_has_the_holidays_of_all_of_it() -> None:
    austria = Calendar("AT", CALENDAR.zone)

    assert not austria.is_working_day(date(2026, 10, 26)), "its national day"
    assert austria.is_working_day(date(2026, 11, 11)), "St Martin's, in Burgenland alone"


def test_easter_is_skipped_when_working_days_are_counted() -> None:
    assert CALENDAR.add_working_days(date(2026, 4, 2), 1) == date(2026, 4, 7)
    assert CALENDAR.add_working_days(date(2026, 4, 3), 0) == date(2026, 4, 7)


@given(DAYS, st.integers(0, 40))
def test_counting_working_days_is_the_same_as_listing_them(day: date, count: int) -> None:
    later = CALENDAR.add_working_days(day, count)
    assert CALENDAR.is_working_day(later)
    between = CALENDAR.working_days(CALENDAR.on_or_after(day), later)
    assert len(list(between)) == count


def test_the_office_is_open_in_local_time_winter_and_summer() -> None:
    winter = CALENDAR.open_times(date(2026, 1, 8), OFFICE.hours)
    summer = CALENDAR.open_times(date(2026, 7, 9), OFFICE.hours)
    assert [span.start.hour for span in winter] == [7, 13]
    assert [span.start.hour for span in summer] == [6, 12]
    assert winter[0].start == datetime(2026, 1, 8, 7, 30, tzinfo=UTC)


def test_the_office_is_shut_on_holidays_and_from_the_minute_it_closes() -> None:
    assert CALENDAR.open_times(date(2026, 1, 6), OFFICE.hours) == ()
    assert CALENDAR.is_open(OFFICE, datetime(2026, 1, 8, 11, 29, tzinfo=UTC))
    assert not CALENDAR.is_open(OFFICE, datetime(2026, 1, 8, 11, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("day", "off"),
    [
        (date(2026, 1, 6), True),  # Epiphany
        (date(2026, 1, 10), False),  # a Saturday like others
        (date(2026, 8, 15), False),  # Assumption, no holiday in Baden-Württemberg
        (date(2026, 12, 26), True),  # a holiday on a Saturday
        (date(2026, 12, 31), True),  # a closing day
    ],
)
def test_days_off_are_holidays_and_closing_days_not_weekends(day: date, *, off: bool) -> None:
    assert CALENDAR.is_day_off(day) is off
