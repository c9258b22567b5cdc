"""Finds who must not review what, and says of each pair no more than yes or no.

It alone holds the key of the pseudonyms in controlling, and it only goes one way: from the staff
number of a reviewer to the pseudonym that it would have had on the day of a decision.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from services.controlling.recusal import store
from services.controlling.recusal.exclusion import is_excluded
from shared.held_items.holding import Holding
from shared.postgres.pool import Pool
from shared.security.pseudonyms import Pseudonymiser

LOOK = timedelta(seconds=2)


class RecusalFinder:
    """Compares those who review with those who decided, for all open reviews."""

    def __init__(self, pool: Pool, names: Pseudonymiser, zone: tzinfo, holding: Holding) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            names: Holds the key.
            zone: Where the authority's quarters begin.
            holding: Sets decisions aside of which it can't be told.
        """
        self._pool = pool
        self._names = names
        self._zone = zone
        self._holding = holding

    async def look(self) -> bool:
        """Look at what is new; tells whether there may be more."""
        passed_over = await self._holding.look()
        async with self._pool.acquire() as connection:
            async with connection.transaction():
                await store.look_at_changed(connection)
            decisions = await store.unvetted(connection, passed_over)
        await self._holding.each(decisions, self._compare)
        return bool(decisions)

    async def _compare(self, taken: Sequence[str]) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            decisions = await store.take_unvetted(connection, taken)
            # After they were taken: who changes from now on waits, and lets them be looked at anew.
            people = await store.reviewers(connection)
            pairs = [
                (decision.decision_id, one.account, is_excluded(one, decision, self._pseudonym))
                for decision in decisions
                for one in people
            ]
            if pairs:
                await store.enter(connection, pairs)

    def _pseudonym(self, staff_number: str, at: datetime) -> str:
        return self._names.decider(staff_number, at, self._zone)
