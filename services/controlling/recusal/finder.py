"""Finds who must not review what, and says of each pair no more than yes or no.

It alone holds the key of the pseudonyms in controlling, and it only goes one way: from the staff
number of a reviewer to the pseudonym that it would have had on the day of a decision.
"""

from datetime import timedelta, tzinfo

from services.controlling.recusal import store
from services.controlling.recusal.exclusion import is_excluded
from shared.postgres.pool import Connection, Pool
from shared.security.pseudonyms import Pseudonymiser

LOOK = timedelta(seconds=2)


class RecusalFinder:
    """Compares those who review with those who decided, for all open reviews."""

    def __init__(self, pool: Pool, names: Pseudonymiser, zone: tzinfo) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            names: Holds the key.
            zone: Where the authority's quarters begin.
        """
        self._pool = pool
        self._names = names
        self._zone = zone

    async def look(self) -> bool:
        """Look at what is new; tells whether there may be more."""
        async with self._pool.acquire() as connection, connection.transaction():
            await store.look_at_changed(connection)
            return await self._compare(connection)

    async def _compare(self, connection: Connection) -> bool:
        decisions = await store.take_unvetted(connection)
        people = await store.reviewers(connection)
        pairs = [
            (
                decision.decision_id,
                one.account,
                is_excluded(
                    one, decision, lambda number, at: self._names.decider(number, at, self._zone)
                ),
            )
            for decision in decisions
            for one in people
        ]
        if pairs:
            await store.enter(connection, pairs)
        return bool(decisions)
