"""Closes the periods that are over, so that there are results to be seen."""

from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from services.controlling.periods import store
from services.controlling.periods.closing import Closer
from services.controlling.periods.deadlines import end_of
from services.controlling.periods.errors import PeriodClosed
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
