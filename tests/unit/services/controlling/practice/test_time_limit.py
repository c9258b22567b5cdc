"""Deadlines, in working days of the Land."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from services.controlling.practice.time_limit import REVIEW, Urgency, days_left, urgency
from shared.organisation.calendar import Calendar

KARLSRUHE = Calendar("DE-BW", ZoneInfo("Europe/Berlin"), frozenset({"12-24", "12-31"}))


def test_thirty_working_days_pass_over_weekends_and_holidays() -> None:
    assert KARLSRUHE.add_working_days(date(2026, 12, 1), REVIEW) == date(2027, 1, 19)


@pytest.mark.parametrize(
    ("today", "left", "expected"),
    [
        (date(2026, 12, 23), 1, Urgency.SOON),  # two closing days, one holiday, a weekend between
        (date(2026, 12, 28), 0, Urgency.SOON),
        (date(2026, 12, 29), -1, Urgency.OVERDUE),
        (date(2026, 12, 18), 4, Urgency.SOON),
        (date(2026, 12, 16), 6, Urgency.LATER),
    ],
)
def test_days_left_are_working_days(today: date, left: int, expected: Urgency) -> None:
    last = date(2026, 12, 28)
    assert days_left(today, last, KARLSRUHE) == left
    assert urgency(today, last, KARLSRUHE) is expected


def test_the_weekend_after_the_last_day_is_overdue_by_no_working_day() -> None:
    assert days_left(date(2026, 12, 5), date(2026, 12, 4), KARLSRUHE) == 0
    assert urgency(date(2026, 12, 5), date(2026, 12, 4), KARLSRUHE) is Urgency.OVERDUE
