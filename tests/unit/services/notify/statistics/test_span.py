"""Weeks and months of the calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.statistics.span import Length, Span

DAYS = st.dates(date(2000, 1, 1), date(2999, 12, 31))


@pytest.mark.parametrize(
    ("day", "length", "since", "last"),
    [
        (date(2026, 11, 30), Length.WEEK, date(2026, 11, 30), date(2026, 12, 6)),
        (date(2027, 1, 1), Length.WEEK, date(2026, 12, 28), date(2027, 1, 3)),
        (date(2028, 2, 29), Length.MONTH, date(2028, 2, 1), date(2028, 2, 29)),
        (date(2026, 12, 31), Length.MONTH, date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_a_day_is_in_its_week_and_its_month(
    day: date, length: Length, since: date, last: date
) -> None:
    span = Span.around(day, length)

    assert (span.since, span.last) == (since, last)


@given(DAYS, st.sampled_from(Length))
def test_spans_follow_on_each_other_without_a_gap(day: date, length: Length) -> None:
    span = Span.around(day, length)

    assert span.since <= day <= span.last
    assert span.after.since == span.until
    assert span.before.until == span.since
    assert Span.around(span.last, length) == span
    assert span.until - span.last == timedelta(days=1)
