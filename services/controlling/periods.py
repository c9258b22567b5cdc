"""Seeds of the review periods: made once, kept encrypted, promised in public before use."""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from services.controlling import store
from services.controlling.sampling.draw import SEED_BYTES, Sampler, commitment
from services.controlling.sampling.periods import Period
from services.controlling.store import NewPeriod
from shared.events.catalogue.review import ReviewPeriodOpened
from shared.events.event import Event, new_event
from shared.postgres.transaction import Transaction
from shared.security.encryption import decrypt, encrypt

SOURCE = "urn:gleichfall:controlling"


class Periods:
    """Gives the sampler of each period; opens a period when its first decision arrives."""

    def __init__(self, key: bytes, policy_version: str) -> None:
        """Wire the vault; `key` is the 32-byte key under which seeds are stored."""
        self._key = key
        self._policy_version = policy_version
        self._samplers: dict[str, Sampler] = {}

    async def samplers(self, periods: Iterable[Period], tx: Transaction) -> dict[str, Sampler]:
        """Give a sampler per period key.

        The period, its commitment event and the first decisions drawn with its seed are one
        transaction, so no decision is ever drawn with a seed that was not promised before.
        """
        wanted = {period.key: period for period in periods}
        await self._read(wanted.keys() - self._samplers.keys(), tx)
        missing = [wanted[key] for key in sorted(wanted.keys() - self._samplers.keys())]
        opened = await self._open(missing, tx) if missing else {}
        return {key: opened.get(key) or self._samplers[key] for key in wanted}

    async def _read(self, keys: Iterable[str], tx: Transaction) -> None:
        """Remember seeds that are committed; one opened in this transaction may yet vanish."""
        unknown = sorted(keys)
        if not unknown:
            return
        for key, sealed in (await store.read_periods(tx.connection, unknown)).items():
            self._samplers[key] = Sampler(decrypt(self._key, sealed, key))

    async def _open(self, periods: list[Period], tx: Transaction) -> dict[str, Sampler]:
        fresh = [self._seal(period, secrets.token_bytes(SEED_BYTES)) for period in periods]
        mine = await store.open_periods(tx.connection, fresh, self._policy_version)
        # A rival's transaction, for which our insert waited, opened the others.
        await self._read({item.period.key for item in fresh} - mine, tx)
        opened = [item for item in fresh if item.period.key in mine]
        tx.publish_all(self._announce(item) for item in opened)
        return {item.period.key: Sampler(item.seed) for item in opened}

    def _seal(self, period: Period, seed: bytes) -> NewPeriod:
        return NewPeriod(period, seed, encrypt(self._key, seed, period.key))

    def _announce(self, item: NewPeriod) -> Event:
        facts = ReviewPeriodOpened(
            period=item.period.key,
            first_day=item.period.first_day,
            last_day=item.period.last_day,
            commitment=commitment(item.seed),
            policy_version=self._policy_version,
        )
        return new_event(SOURCE, f"period:{item.period.key}", facts, time=datetime.now(UTC))
