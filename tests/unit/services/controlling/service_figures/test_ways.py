"""How decisions came about is told of whole months that are over, no two of which overlap."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.service_figures.ways import COMPLETE, last_day_told, month_of

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("until", "today", "last"),
    [
        ("2026-11-30", "2026-11-30", "2026-09-30"),
        ("2026-11-30", "2026-12-01", "2026-10-31"),
        ("2026-03-15", "2026-11-30", "2026-03-31"),
        ("2026-11-02", "2026-12-30", "2026-10-31"),
        ("2026-11-02", "2026-12-31", "2026-11-30"),
        ("2030-01-01", "2026-01-01", "2025-11-30"),
        ("2024-02-10", "2024-03-31", "2024-02-29"),
    ],
)
def test_the_month_is_the_last_that_has_been_over_for_thirty_days(
    until: str, today: str, last: str
) -> None:
    found = last_day_told(date.fromisoformat(until), date.fromisoformat(today))
    assert found == date.fromisoformat(last)


@given(DAYS, DAYS, DAYS, DAYS)
def test_whatever_is_asked_two_answers_are_of_the_same_days_or_have_none_in_common(
    one: date, other: date, today: date, later: date
) -> None:
    first, second = (
        month_of(last_day_told(until, at)) for until, at in [(one, today), (other, later)]
    )
    assert first == second or first[1] < second[0] or second[1] < first[0]


@given(DAYS, DAYS)
def test_a_month_that_was_over_only_lately_is_never_told(until: date, today: date) -> None:
    first, last = month_of(last_day_told(until, today))
    assert last < today - COMPLETE
    assert first.day == 1
    assert (last + timedelta(days=1)).day == 1
