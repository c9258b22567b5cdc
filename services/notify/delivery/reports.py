"""Writes down what providers report of messages that left, with the events that follow from it."""

from collections.abc import Callable, Sequence

from services.notify import store
from services.notify.delivery.receipts import Report, strongest
from services.notify.delivery.recorder import publish_ends
from shared.events.vocabulary import Channel
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction


class Reports:
    """Takes reports; one that says nothing new, or of no message of ours, changes nothing."""

    def __init__(self, pool: Pool, committed: Callable[[], None]) -> None:
        """Wire it; `committed` is called after each commit, to wake the relay."""
        self._pool = pool
        self._committed = committed

    async def take(self, channel: Channel, reports: Sequence[Report]) -> int:
        """Take what came by one channel; gives how many messages it moved. Then it is committed.

        Raises:
            DatabaseUnreachable and what else is transient: taking them again is safe.
        """
        if not reports:
            return 0
        async with self._pool.acquire() as connection, connection.transaction():
            moved = await store.report(connection, channel, strongest(channel, reports))
            transaction = Transaction(connection)
            publish_ends(transaction, moved)
            await transaction.flush()
        self._committed()
        return len(moved)
