"""Closes the periods that are over and releases their figures, so that there are results to see."""

from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from services.controlling.figures.errors import TooLittleNew
from services.controlling.figures.releasing import releasing
from services.controlling.periods import store
from services.controlling.periods.closing import Closer
from services.controlling.periods.deadlines import end_of
from services.controlling.periods.errors import PeriodClosed
from services.controlling.results.store import closed_periods
from services.controlling.statistics.errors import NothingReviewed
from shared.postgres.pool import Pool


async def close(pool: Pool, key: bytes, zone: ZoneInfo, now: datetime) -> None:
    """Close them without waiting for their days of grace: no invented decision comes late."""
    async with pool.acquire() as connection:
        periods = await store.periods_to_close(connection)
    closer = Closer(pool, key, zone)
    for one in periods:
        if now >= end_of(one.last_day, zone):
            with suppress(PeriodClosed):  # the service was quicker
                await closer.close(one.key, now)


async def release(pool: Pool, zone: ZoneInfo) -> None:
    """Release the figures of closed periods, as leadership would: invented reviews stay open."""
    async with pool.acquire() as connection:
        periods = await closed_periods(connection)
    for one in periods:
        with suppress(NothingReviewed, TooLittleNew):
            async with releasing(pool, zone) as figures:
                await figures.by_name(one.key)
