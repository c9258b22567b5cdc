"""When a period is over, and when it is due to close."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.controlling.periods.deadlines import Stage, due_at, end_of, stage_of

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = timedelta(days=7)


def test_a_period_ends_at_midnight_of_the_authority() -> None:
    assert end_of(date(2026, 5, 31), BERLIN) == datetime(2026, 5, 31, 22, tzinfo=UTC)
    assert end_of(date(2026, 12, 31), BERLIN) == datetime(2026, 12, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "stage"),
    [
        (datetime(2026, 4, 30, 21, 59, tzinfo=UTC), Stage.AHEAD),
        (datetime(2026, 4, 30, 22, tzinfo=UTC), Stage.RUNNING),
        (datetime(2026, 5, 31, 21, 59, tzinfo=UTC), Stage.RUNNING),
        (datetime(2026, 5, 31, 22, tzinfo=UTC), Stage.ENDED),
    ],
)
def test_a_period_runs_from_its_first_midnight_to_its_last(now: datetime, stage: Stage) -> None:
    assert stage_of(date(2026, 5, 1), date(2026, 5, 31), None, now, BERLIN) is stage


def test_a_period_that_was_closed_is_closed_whatever_the_day() -> None:
    closed = datetime(2026, 6, 8, tzinfo=UTC)
    for now in (closed, closed - timedelta(days=70)):
        stage = stage_of(date(2026, 5, 1), date(2026, 5, 31), closed, now, BERLIN)
        assert stage is Stage.CLOSED


def test_the_grace_runs_from_the_end_of_the_period() -> None:
    opened = datetime(2026, 5, 2, tzinfo=UTC)
    assert due_at(date(2026, 5, 31), opened, WEEK, BERLIN) == datetime(2026, 6, 8, tzinfo=BERLIN)


def test_a_month_of_an_imported_log_stays_open_while_the_log_is_read() -> None:
    opened = datetime(2026, 5, 2, tzinfo=UTC)
    assert due_at(date(2010, 10, 31), opened, WEEK, BERLIN) == opened + WEEK
