"""Closing a period: tops up its sample, reveals its seed, publishes its counts."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.controlling.chain.entering import chain_rest
from services.controlling.errors import PeriodUnknown, PolicyNotKept
from services.controlling.periods import store
from services.controlling.periods.deadlines import due_at, end_of
from services.controlling.periods.draw import PeriodDraw, shortfall
from services.controlling.periods.errors import PeriodClosed, PeriodNotOver
from services.controlling.periods.store import HeldPeriod, ToppedUp
from services.controlling.policy.policy import Policy
from services.controlling.queue.announcing import enter_wanted
from services.controlling.queue.reason import Wanted
from services.controlling.source import SOURCE
from shared.events.catalogue.review import ReviewPeriodClosed, StratumCount
from shared.events.event import new_event
from shared.events.vocabulary import DrawReason
from shared.held_items.holding import Holding
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction
from shared.security.encryption import decrypt
from shared.security.key_ring import Key

logger = logging.getLogger(__name__)

LOOK = timedelta(minutes=1)


class Closer:
    """Closes periods, each once and for good."""

    def __init__(
        self, pool: Pool, key: Key, zone: ZoneInfo, committed: Callable[[], None] = lambda: None
    ) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            key: Under which seeds are stored.
            zone: Where the authority's days begin and end.
            committed: Wakes the relay.
        """
        self._pool = pool
        self._key = key
        self._zone = zone
        self._committed = committed

    async def close(self, key: str, now: datetime) -> ReviewPeriodClosed:
        """Close a period.

        The row is held while it happens: registrations that are under way come first, later
        ones find the period closed, and of two who close it the second is told so.

        Raises:
            PeriodUnknown, PeriodNotOver, PeriodClosed, PolicyNotKept: it can't be closed.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            tx = Transaction(connection)
            period, policy = self._closable(await store.hold_period(connection, key), key, now)
            entries = await chain_rest(connection, key)
            counts = await store.count_strata(connection, key)
            seed = decrypt(self._key, period.sealed_seed, key)
            draw = PeriodDraw(key, seed, policy, closed=False, witness=period.witness)
            counts = await self._top_up(tx, draw, counts, now)
            closed = ReviewPeriodClosed(period=key, seed=seed.hex(), strata=tuple(counts))
            await store.close_period(connection, closed, now, entries)
            tx.publish(new_event(SOURCE, f"period:{key}", closed, time=now))
            await tx.flush()
        self._committed()
        return closed

    async def close_due(self, now: datetime, holding: Holding) -> None:
        """Close every period whose time has come; `holding` sets those aside that can't be."""
        passed_over = await holding.look()
        async with self._pool.acquire() as connection:
            periods = await store.periods_to_close(connection)
        for period in periods:
            if period.key not in passed_over:
                async with holding.item(period.key):
                    await self._close_if_due(period, now)

    async def _close_if_due(self, period: store.OpenPeriod, now: datetime) -> None:
        if not period.simulated and now >= self._due_at(period):
            with suppress(PeriodClosed):  # another process was quicker
                await self.close(period.key, now)
                logger.info("the review period is closed", extra={"period": period.key})

    def _due_at(self, period: store.OpenPeriod) -> datetime:
        grace = Policy.model_validate_json(period.policy).grace
        return due_at(period.last_day, period.opened_at, grace, self._zone)

    def _closable(
        self, period: HeldPeriod | None, key: str, now: datetime
    ) -> tuple[HeldPeriod, Policy]:
        if period is None:
            raise PeriodUnknown(key)
        if period.closed_at:
            raise PeriodClosed(key, period.closed_at)
        if now < end_of(period.last_day, self._zone):
            raise PeriodNotOver(key, period.last_day)
        if period.policy is None:
            raise PolicyNotKept(key)
        return period, Policy.model_validate_json(period.policy)

    async def _top_up(
        self,
        tx: Transaction,
        draw: PeriodDraw,
        counts: Sequence[StratumCount],
        now: datetime,
    ) -> list[StratumCount]:
        """Draw what strata lack; gives the counts after it."""
        lacking = {
            count.stratum: missing
            for count in counts
            if (missing := shortfall(draw.rule(count.stratum), count.size, count.drawn))
        }
        if not lacking:
            return list(counts)
        drawn = await store.top_up(tx.connection, draw.key, lacking)
        after = {
            count.stratum: count.model_copy(
                update={"drawn": count.drawn + lacking.get(count.stratum, 0)}
            )
            for count in counts
        }
        await enter_wanted((_wanted(one, draw, after[one.stratum]) for one in drawn), tx, now)
        return list(after.values())


def _wanted(one: ToppedUp, draw: PeriodDraw, count: StratumCount) -> Wanted:
    """Its chance is the share of its stratum, of this size, that is drawn."""
    twice = draw.reviewed_twice(one.decision_id)
    chance = count.drawn / count.size
    return Wanted(one.decision_id, DrawReason.TOP_UP, twice=twice, chance=chance)
