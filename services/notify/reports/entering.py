"""Writes down what providers report of messages that left, with the events that follow from it."""

from collections.abc import Callable, Sequence

from services.notify.announcing import publish_ends
from services.notify.recipients.suppression import Hardness
from services.notify.reports import store
from services.notify.reports.receipts import Report, strongest
from services.notify.states import State
from shared.events.vocabulary import Channel
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction


class Reports:
    """Takes reports; one that says nothing new, or of no message of ours, changes nothing."""

    def __init__(self, pool: Pool, committed: Callable[[], None]) -> None:
        """Wire it; `committed` is called after each commit, to wake the relay."""
        self._pool = pool
        self._committed = committed

    async def take(
        self, channel: Channel, reports: Sequence[Report], provider: str | None = None
    ) -> int:
        """Take what came by one channel; gives how many messages it moved. Then it is committed.

        What arrived after all is told on no other way. An address that messages came back from may
        get nothing more, and what waits for it ends.

        Args:
            channel: Of the messages.
            reports: In any order; one of several about a message counts.
            provider: Who reports, where a channel has several: of others' messages it says nothing.

        Raises:
            DatabaseUnreachable and what else is transient: taking them again is safe.
        """
        if not reports:
            return 0
        kept = strongest(channel, reports)
        async with self._pool.acquire() as connection, connection.transaction():
            moved = await store.report(connection, channel, kept, provider)
            arrived = [one.id for one in moved if one.state is State.DELIVERED]
            news = {one.id for one in moved}
            bounced = {
                one.message: one.receipt.hardness
                for one in kept
                if one.message in news and one.receipt.hardness is not Hardness.NONE
            }
            ended = [
                *await store.settle(connection, arrived),
                *await store.blame(connection, bounced),
            ]
            transaction = Transaction(connection)
            publish_ends(transaction, [*moved, *ended])
            await transaction.flush()
        transaction.tell()
        self._committed()
        return len(moved)
