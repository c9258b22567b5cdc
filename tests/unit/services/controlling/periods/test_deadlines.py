"""When a period is over, and when it is due to close."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.controlling.periods.deadlines import due_at, end_of

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = timedelta(days=7)


def test_a_period_ends_at_midnight_of_the_authority() -> None:
    assert end_of(date(2026, 5, 31), BERLIN) == datetime(2026, 5, 31, 22, tzinfo=UTC)
    assert end_of(date(2026, 12, 31), BERLIN) == datetime(2026, 12, 31, 23, tzinfo=UTC)


def test_the_grace_runs_from_the_end_of_the_period() -> None:
    opened = datetime(2026, 5, 2, tzinfo=UTC)
    assert due_at(date(2026, 5, 31), opened, WEEK, BERLIN) == datetime(2026, 6, 8, tzinfo=BERLIN)


def test_a_month_of_an_imported_log_stays_open_while_the_log_is_read() -> None:
    opened = datetime(2026, 5, 2, tzinfo=UTC)
    assert due_at(date(2010, 10, 31), opened, WEEK, BERLIN) == opened + WEEK
