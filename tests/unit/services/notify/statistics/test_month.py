"""Months of the calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.statistics.month import Month

DAYS = st.dates(date(2000, 1, 1), date(2999, 12, 31))


@pytest.mark.parametrize(
    ("day", "since", "last"),
    [
        (date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2027, 1, 1), date(2027, 1, 31)),
    ],
)
def test_a_day_is_in_its_month(day: date, since: date, last: date) -> None:
    month = Month.around(day)

    assert (month.since, month.last) == (since, last)


@given(DAYS)
def test_months_follow_on_each_other_without_a_gap_and_share_no_day(day: date) -> None:
    month = Month.around(day)

    assert month.since <= day <= month.last
    assert month.after.since == month.until
    assert month.before.until == month.since
    assert Month.around(month.last) == month
    assert month.until - month.last == timedelta(days=1)
