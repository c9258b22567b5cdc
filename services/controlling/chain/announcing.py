"""How far a register's chain has come is published once a day: outside, nobody can change it."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.controlling.chain import store
from services.controlling.chain.head import DailyHead
from services.controlling.source import SOURCE
from shared.events.catalogue.review import RegisterChained
from shared.events.event import Event, new_event
from shared.held_items.holding import Holding
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction

logger = logging.getLogger(__name__)

LOOK = timedelta(minutes=10)


class HeadAnnouncer:
    """Publishes heads, of each period at most one a day and only if its register went on."""

    def __init__(
        self,
        pool: Pool,
        zone: ZoneInfo,
        holding: Holding,
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            zone: Where the authority's days begin.
            holding: Sets periods aside whose heads can't be published.
            committed: Wakes the relay.
        """
        self._pool = pool
        self._zone = zone
        self._holding = holding
        self._committed = committed

    async def announce_due(self, now: datetime) -> None:
        """Publish the heads of the day that aren't published yet."""
        passed_over = await self._holding.look()
        async with self._pool.acquire() as connection:
            periods = await store.chained_periods(connection, passed_over)
        await self._holding.each(periods, lambda some: self._announce(some, now))

    async def _announce(self, periods: Sequence[str], now: datetime) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            tx = Transaction(connection)
            day = now.astimezone(self._zone).date()
            new = await store.note_heads(connection, periods, day)
            tx.publish_all(_announcement(period, head, now) for period, head in new)
            await tx.flush()
        if new:
            self._committed()
            logger.info("heads are published", extra={"periods": [period for period, _ in new]})


def _announcement(period: str, head: DailyHead, now: datetime) -> Event:
    assert head.entries is not None
    facts = RegisterChained(period=period, day=head.day, entries=head.entries, head=head.hash.hex())
    return new_event(SOURCE, f"period:{period}", facts, time=now)
