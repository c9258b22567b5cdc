"""Finds how the samples of closed periods came out, from the reviews that are signed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from services.controlling.figures.store import read_verdicts
from services.controlling.lots import store
from services.controlling.lots.lot import errors_in
from services.controlling.policy.entering import count, inspected_in
from services.controlling.policy.inspection import plan_of
from services.controlling.statistics.errors import NothingReviewed
from services.controlling.statistics.suppression import MINIMUM
from shared.held_items.holding import Holding
from shared.postgres.pool import Connection, Pool

LOOK = timedelta(minutes=1)


class LotFinder:
    """Enters a result when the last review of its sample is signed, and again when one changes.

    A plan that looks at fewer than seven decisions gives none: how closely is looked next would
    tell what was found in them.
    """

    def __init__(self, pool: Pool, holding: Holding) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            holding: Sets periods aside whose results can't be counted.
        """
        self._pool = pool
        self._holding = holding
        self._seen: dict[str, tuple[int, int]] = {}

    async def look(self) -> bool:
        """Look at periods whose reviews have changed; there is never more left."""
        passed_over = await self._holding.look()
        async with self._pool.acquire() as connection:
            states = await store.states_of_reviews(connection)
            changed = {key for key, state in states.items() if self._seen.get(key) != state}
            for key in sorted((changed | self._holding.again) - passed_over):
                async with (
                    self._holding.item(key),
                    connection.transaction(isolation="repeatable_read"),
                ):
                    await self._count(connection, key)
        self._seen = states
        return False

    async def _count(self, connection: Connection, key: str) -> None:
        lots = await store.closed_lots(connection, key)
        if lots is None:
            return
        sizes = {
            stratum: plan.n
            for stratum, (rule, _) in inspected_in(lots).items()
            if (plan := plan_of(rule)) is not None and plan.n >= MINIMUM
        }
        if sizes:
            samples = await store.plan_samples(connection, key, sizes)
            errors = await self._errors(connection, key, samples)
            await count(connection, lots, key, errors, datetime.now(UTC))

    async def _errors(
        self, connection: Connection, key: str, samples: Mapping[str, Sequence[str]]
    ) -> Mapping[str, int]:
        try:
            return errors_in(samples, await read_verdicts(connection, key))
        except NothingReviewed:
            return {}
