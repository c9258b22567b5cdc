"""Seeds of the review periods: made once, kept encrypted, promised in public before use."""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from services.controlling import store
from services.controlling.sampling.draw import SEED_BYTES, PeriodDraw, commitment
from services.controlling.sampling.periods import Period
from services.controlling.sampling.policy import Policy
from services.controlling.store import LockedPeriod, NewPeriod
from shared.events.catalogue.review import ReviewPeriodOpened
from shared.events.event import Event, new_event
from shared.postgres.transaction import Transaction
from shared.security.encryption import decrypt, encrypt

SOURCE = "urn:gleichfall:controlling"


class Periods:
    """Gives the draw of each period; opens a period when its first decision arrives."""

    def __init__(self, key: bytes, policy: Policy) -> None:
        """Wire the vault.

        Args:
            key: 32 bytes, under which seeds are stored.
            policy: The policy with which periods open from now on.
        """
        self._key = key
        self._policy = policy
        self._known: dict[str, PeriodDraw] = {}

    async def draws(self, periods: Iterable[Period], tx: Transaction) -> dict[str, PeriodDraw]:
        """Give the draw per period key; none of the periods closes before this transaction ends.

        The period, its commitment event and the first decisions drawn with its seed are one
        transaction, so no decision is ever drawn with a seed that was not promised before.
        """
        wanted = {period.key: period for period in periods}
        found = await self._lock(wanted.keys(), tx)
        missing = [wanted[key] for key in sorted(wanted.keys() - found.keys())]
        return found | await self._open(missing, tx) if missing else found

    async def _lock(self, keys: Iterable[str], tx: Transaction) -> dict[str, PeriodDraw]:
        """Give what is committed; it is remembered until the period closes."""
        rows = await store.lock_periods(tx.connection, list(keys))
        self._known |= {row.key: self._draw(row) for row in rows if self._is_news(row)}
        return {row.key: self._known[row.key] for row in rows}

    def _is_news(self, row: LockedPeriod) -> bool:
        known = self._known.get(row.key)
        return known is None or known.closed != row.closed

    def _draw(self, row: LockedPeriod) -> PeriodDraw:
        seed = decrypt(self._key, row.sealed_seed, row.key)
        # A period from before policies were kept with it goes on with the one in force.
        policy = Policy.model_validate_json(row.policy) if row.policy else self._policy
        return PeriodDraw(seed, policy, closed=row.closed)

    async def _open(self, periods: list[Period], tx: Transaction) -> dict[str, PeriodDraw]:
        fresh = [self._seal(period, secrets.token_bytes(SEED_BYTES)) for period in periods]
        mine = await store.open_periods(tx.connection, fresh, self._policy)
        opened = [item for item in fresh if item.period.key in mine]
        tx.publish_all(self._announce(item) for item in opened)
        draws = {
            item.period.key: PeriodDraw(item.seed, self._policy, closed=False) for item in opened
        }
        # A rival's transaction, for which our insert waited, opened the others.
        theirs = {item.period.key for item in fresh} - mine
        return draws | await self._lock(theirs, tx) if theirs else draws

    def _seal(self, period: Period, seed: bytes) -> NewPeriod:
        return NewPeriod(period, seed, encrypt(self._key, seed, period.key))

    def _announce(self, item: NewPeriod) -> Event:
        facts = ReviewPeriodOpened(
            period=item.period.key,
            first_day=item.period.first_day,
            last_day=item.period.last_day,
            commitment=commitment(item.seed),
            policy_version=self._policy.version,
        )
        return new_event(SOURCE, f"period:{item.period.key}", facts, time=datetime.now(UTC))
