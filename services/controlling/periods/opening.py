"""Seeds of the review periods: made once, kept encrypted, promised in public before use."""

import logging
import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from services.controlling.periods import store
from services.controlling.periods.deadlines import is_before
from services.controlling.periods.draw import SEED_BYTES, PeriodDraw
from services.controlling.periods.store import LockedPeriod, NewPeriod
from services.controlling.policy import store as policies
from services.controlling.policy.calendar import Period
from services.controlling.policy.groups import TypeGroups
from services.controlling.policy.inspection import settle
from services.controlling.policy.policy import Policy
from services.controlling.policy.timeline import Timeline
from services.controlling.source import SOURCE
from shared.events.catalogue.review import ReviewPeriodOpened
from shared.events.event import Event, new_event
from shared.held_items.holding import Holding
from shared.law.decision_types import DecisionTypes
from shared.organisation.model import Organisation
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction
from shared.security.encryption import decrypt, encrypt
from shared.security.key_ring import Key

logger = logging.getLogger(__name__)

LOOK = timedelta(minutes=10)
_MARGIN = timedelta(hours=1)
"""So long before a period begins it is opened at the latest: the commit must still come before."""


class Periods:
    """Gives the draw of each day; opens what nobody opened before its first decision arrived."""

    def __init__(
        self,
        key: Key,
        first: Policy,
        types: DecisionTypes | None = None,
        organisation: Organisation | None = None,
    ) -> None:
        """Wire the vault.

        Args:
            key: Under which seeds are stored.
            first: The policy that holds until one that leadership scheduled takes effect.
            types: The catalogue with which periods open; None: the one of the system.
            organisation: By it what was known of former units goes on in periods that open from
                its first day on; None: units are as events name them.
        """
        self._organisation = organisation
        self._groups = TypeGroups.of(types or DecisionTypes.load())
        self._key = key
        self._timeline = Timeline(first)
        self._known: dict[str, PeriodDraw] = {}

    async def draws(self, days: Collection[date], tx: Transaction) -> dict[date, PeriodDraw]:
        """Give the draw of each day; none of its periods closes before this transaction ends.

        The period, its commitment event and the first decisions drawn with its seed are one
        transaction, so no decision is ever drawn with a seed that was not promised before.
        """
        periods = {day: self._timeline.period_of(day) for day in days}
        if not self._known.keys() >= {period.key for period in periods.values()}:
            # Another loop or process may have opened it, by a policy that isn't known here yet.
            self._timeline = await policies.timeline(tx.connection, self._timeline.first)
            periods = {day: self._timeline.period_of(day) for day in days}
        found = await self._lock({period.key for period in periods.values()}, tx)
        if any(period.key not in found for period in periods.values()):
            # Only what hasn't begun can have been rescheduled meanwhile.
            await policies.hold_policies(tx.connection)
            self._timeline = await policies.timeline(tx.connection, self._timeline.first)
            periods = {day: self._timeline.period_of(day) for day in days}
            found |= await self._lock_or_open(set(periods.values()), tx)
        return {day: found[period.key] for day, period in periods.items()}

    async def coming(self, now: datetime, until: date, tx: Transaction) -> list[Period]:
        """Give the periods to come that begin until a day and aren't open; no policy changes.

        What can't be opened before its first day any more is left to its first decision.
        """
        await policies.hold_policies(tx.connection)
        self._timeline = await policies.timeline(tx.connection, self._timeline.first)
        coming = [
            period
            for period in self._timeline.coming(now.date(), until)
            if is_before(now + _MARGIN, period.first_day)
        ]
        rows = await store.lock_periods(tx.connection, [period.key for period in coming])
        known = {row.key for row in rows}
        return [period for period in coming if period.key not in known]

    async def open_ahead(self, periods: Sequence[Period], tx: Transaction) -> list[str]:
        """Open periods to come; gives the keys of those it opened."""
        return sorted(await self._open(periods, tx))

    def policy_on(self, day: date) -> Policy:
        """Give the policy in force on a day, as far as it is known here."""
        return self._timeline.policy_on(day)

    async def _lock_or_open(self, periods: set[Period], tx: Transaction) -> dict[str, PeriodDraw]:
        found = await self._lock({period.key for period in periods}, tx)
        missing = sorted(period for period in periods if period.key not in found)
        return found | await self._open(missing, tx)

    async def _lock(self, keys: Iterable[str], tx: Transaction) -> dict[str, PeriodDraw]:
        """Give what is committed; it is remembered until the period is witnessed or closes."""
        rows = await store.lock_periods(tx.connection, list(keys))
        self._known |= {row.key: self._draw(row) for row in rows if self._is_news(row)}
        return {row.key: self._known[row.key] for row in rows}

    def _is_news(self, row: LockedPeriod) -> bool:
        known = self._known.get(row.key)
        return known is None or (known.closed, known.witness) != (row.closed, row.witness)

    def _draw(self, row: LockedPeriod) -> PeriodDraw:
        seed = decrypt(self._key, row.sealed_seed, row.key)
        # A period from before policies were kept with it goes on with the first one.
        policy = Policy.model_validate_json(row.policy) if row.policy else self._timeline.first
        groups = row.catalogue and TypeGroups.model_validate_json(row.catalogue)
        return PeriodDraw(
            row.key,
            seed,
            policy,
            closed=row.closed,
            groups=groups or None,
            witness=row.witness,
        )

    async def _open(self, periods: Sequence[Period], tx: Transaction) -> dict[str, PeriodDraw]:
        fresh = [await self._prepare(period, tx) for period in periods]
        mine = await store.open_periods(tx.connection, fresh)
        opened = [item for item in fresh if item.period.key in mine]
        tx.publish_all(_announce(item) for item in opened)
        draws = {
            item.period.key: PeriodDraw(
                item.period.key, item.seed, item.policy, closed=False, groups=item.groups
            )
            for item in opened
        }
        # A rival's transaction, for which our insert waited, opened the others.
        theirs = {item.period.key for item in fresh} - mine
        return draws | await self._lock(theirs, tx) if theirs else draws

    async def _prepare(self, period: Period, tx: Transaction) -> NewPeriod:
        seed = secrets.token_bytes(SEED_BYTES)
        known = await policies.experience(tx.connection, period.first_day, period.length.months)
        units, unlisted = self._units_on(period.first_day), self._groups.unlisted
        policy = settle(self._timeline.policy_of(period), known, units, unlisted)
        sealed = encrypt(self._key, seed, period.key)
        return NewPeriod(period, seed, sealed, policy, self._groups)

    def _units_on(self, day: date) -> Organisation | None:
        known = self._organisation
        return known if known is not None and known.valid_from <= day else None


class Opener:
    """Opens periods before their first day, so that nothing of them was chosen knowing it."""

    def __init__(
        self,
        pool: Pool,
        periods: Periods,
        ahead: timedelta,
        holding: Holding,
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            periods: Those from which the service's handlers draw.
            ahead: How long before its first day a period is opened.
            holding: Sets periods aside that can't be opened.
            committed: Wakes the relay.
        """
        self._pool = pool
        self._periods = periods
        self._ahead = ahead
        self._holding = holding
        self._committed = committed

    async def open_due(self, now: datetime) -> None:
        """Open what begins soon and isn't open yet."""
        passed_over = await self._holding.look()
        async with self._pool.acquire() as connection, connection.transaction():
            coming = await self._coming(now, Transaction(connection))
        keys = [one.key for one in coming if one.key not in passed_over]
        await self._holding.each(keys, lambda some: self._open(some, now))

    async def _open(self, keys: Sequence[str], now: datetime) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            tx = Transaction(connection)
            # Others may have opened some meanwhile, or scheduled another policy.
            coming = [one for one in await self._coming(now, tx) if one.key in keys]
            opened = await self._periods.open_ahead(coming, tx)
            await tx.flush()
        if opened:
            self._committed()
            logger.info("review periods are opened ahead", extra={"periods": opened})

    async def _coming(self, now: datetime, tx: Transaction) -> list[Period]:
        return await self._periods.coming(now, (now + self._ahead).date(), tx)


def _announce(item: NewPeriod) -> Event:
    facts = ReviewPeriodOpened(
        period=item.period.key,
        first_day=item.period.first_day,
        last_day=item.period.last_day,
        commitment=item.promised.commitment,
        policy_version=item.policy.version,
    )
    return new_event(SOURCE, f"period:{item.period.key}", facts, time=datetime.now(UTC))
