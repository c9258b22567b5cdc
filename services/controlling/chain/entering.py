"""What is registered comes into the chain of its period: within seconds, and at the close at once.

A loop of its own and not the handlers' transaction: there, whoever registers would wait for
everybody who registered before and hasn't committed yet. So a decision's place in the chain is
that in which it was seen, not that of its transaction's beginning.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from services.controlling.chain import store
from services.controlling.chain.errors import NothingGone, RegisterIncomplete
from services.controlling.chain.faults import Block
from services.controlling.chain.gap import Gap, Note
from services.controlling.chain.head import Head
from services.controlling.chain.linking import Registered, hashes_after
from shared.held_items.holding import Holding
from shared.held_items.store import let_go
from shared.observe.metrics import Loop
from shared.postgres.pool import Connection, Pool

LOOK = timedelta(seconds=5)
BATCH = 2_000
_EVERYTHING = 2**40
_HELD_BY = (Loop.REGISTER_CHAIN, Loop.PERIOD_CLOSER)
"""Who sets a period aside whose register lacks something."""


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
    """Append what waits, a block at most; tells whether it was full, so that more may wait.

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
    await _append(connection, period, head, [register[one] for one in decisions], batches)
    return len(decisions) >= BATCH


async def note_gap(
    connection: Connection, period: str, note: Note, *, dry_run: bool = False
) -> list[Gap]:
    """Append all that waits, of what is gone nothing but its id, and let the loops go on.

    Where a decision was sent again meanwhile, what is gone is its first registration.

    Args:
        connection: In a transaction.
        period: Whose register.
        note: Who says so, and why.
        dry_run: Only tells what is gone.

    Raises:
        PeriodUnknown: it was never opened.
        NothingGone: all that waits is in the register.
    """
    await store.standing(connection, period)
    await store.hold(connection, period)
    batches = await store.unchained(connection, period, _EVERYTHING)
    decisions = [one for batch in batches.values() for one in batch]
    register = dict(await store.registered(connection, period, decisions))
    last_first = [register.pop(one, None) for one in reversed(decisions)]
    head = await store.end_of_chain(connection, period)
    entries: list[Registered] = []
    gaps: list[Gap] = []
    for decision, found in zip(decisions, reversed(last_first), strict=True):
        entry = found
        if entry is None:
            gaps.append(Gap.at(head.entries + len(entries) + 1, decision, note.at))
            entry = gaps[-1].registered
        entries.append(entry)
    if not gaps:
        raise NothingGone(period)
    if not dry_run:
        await _append(connection, period, head, entries, batches)
        await store.keep_gaps(connection, period, gaps, note)
        await let_go(connection, _HELD_BY, period, note.by, note.because)
    return gaps


async def _append(
    connection: Connection,
    period: str,
    head: Head,
    entries: Sequence[Registered],
    batches: Iterable[int],
) -> None:
    hashes = b"".join(hashes_after(head.hash, entries))
    block = Block(head.entries, [one.decision for one in entries], hashes)
    await store.append(connection, period, block, list(batches))
