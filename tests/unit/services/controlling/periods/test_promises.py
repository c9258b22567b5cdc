"""A promise proves what it does by its time, and a time zone can't be argued about."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.controlling.periods.deadlines import Promise, closed_early, is_before, promise_of

MAY = date(2026, 5, 1)
NOON = datetime(2026, 4, 30, 10, tzinfo=UTC)
"""When the first of May begins on Kiritimati, before anywhere else."""
SECOND = timedelta(seconds=1)


def test_before_a_day_is_before_it_began_anywhere() -> None:
    assert is_before(NOON - SECOND, MAY)
    assert not is_before(NOON, MAY)
    assert not is_before(NOON.astimezone(ZoneInfo("Europe/Berlin")), MAY)


@pytest.mark.parametrize(
    ("opened", "stamped", "promise"),
    [
        (NOON - SECOND, NOON - SECOND, Promise.PROVED),
        (NOON - SECOND, NOON, Promise.TOLD),
        (NOON - SECOND, None, Promise.TOLD),
        (NOON, None, Promise.LATE),
        (NOON, NOON + SECOND, Promise.LATE),
        (None, None, Promise.LATE),
    ],
)
def test_only_a_stamp_before_the_first_day_proves(
    opened: datetime | None, stamped: datetime | None, promise: Promise
) -> None:
    assert promise_of(MAY, opened, stamped, simulated=False) is promise


def test_an_invented_clock_proves_nothing_whatever_it_shows() -> None:
    at = NOON - SECOND
    assert promise_of(MAY, at, at, simulated=True) is Promise.SIMULATED


def test_early_is_before_the_days_of_grace_are_over() -> None:
    zone, grace = ZoneInfo("Europe/Berlin"), timedelta(days=7)
    due = datetime(2026, 6, 7, 22, tzinfo=UTC)
    days = (date(2026, 5, 31), NOON, grace, zone)
    assert closed_early(due - SECOND, *days)
    assert not closed_early(due, *days)
