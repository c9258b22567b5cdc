"""What is registered comes into the chain of its period: within seconds, and at the close at once.

A loop of its own and not the handlers' transaction: there, whoever registers would wait for
everybody who registered before and hasn't committed yet. So a decision's place in the chain is
that in which it was seen, not that of its transaction's beginning.
"""

from datetime import timedelta

from services.controlling.chain import store
from services.controlling.chain.errors import RegisterIncomplete
from services.controlling.chain.faults import Block
from services.controlling.chain.linking import hashes_after
from shared.held_items.holding import Holding
from shared.postgres.pool import Connection, Pool

LOOK = timedelta(seconds=5)
BATCH = 2_000


class Chainer:
    """Appends to the chains of all periods what was registered since."""

    def __init__(self, pool: Pool, holding: Holding) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            holding: Sets periods aside whose register lacks what was registered.
        """
        self._pool = pool
        self._holding = holding

    async def look(self) -> bool:
        """Append a block to each chain that has to go on; tells whether there may be more."""
        passed_over = await self._holding.look()
        async with self._pool.acquire() as connection:
            waiting = await store.unchained_periods(connection)
        more = False
        for period in waiting:
            if period not in passed_over:
                async with self._holding.item(period):
                    more |= await self._append(period)
        return more

    async def _append(self, period: str) -> bool:
        async with self._pool.acquire() as connection, connection.transaction():
            await store.hold(connection, period)
            return await append_block(connection, period)


async def chain_rest(connection: Connection, period: str) -> int:
    """Append all that waits in a period that is held against everybody; gives how many there are.

    Raises:
        RegisterIncomplete: a decision is gone that was registered.
    """
    while await append_block(connection, period):
        pass
    return (await store.end_of_chain(connection, period)).entries


async def append_block(connection: Connection, period: str) -> bool:
    """Append what waits, but for very much; tells whether there was anything.

    Raises:
        RegisterIncomplete: a decision is gone that was registered.
    """
    batches = await store.unchained(connection, period, BATCH)
    if not batches:
        return False
    decisions = [one for batch in batches.values() for one in batch]
    register = await store.registered(connection, period, decisions)
    if len(register) != len(decisions):
        raise RegisterIncomplete(period, len(decisions) - len(register))
    head = await store.end_of_chain(connection, period)
    hashes = hashes_after(head.hash, (register[one] for one in decisions))
    block = Block(head.entries, decisions, b"".join(hashes))
    await store.append(connection, period, block, list(batches))
    return True
