"""The chain of the register in the database: what waits for it, its blocks, and its heads."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.controlling.chain.faults import Block
from services.controlling.chain.gap import Gap, Note
from services.controlling.chain.head import DailyHead, Head
from services.controlling.chain.linking import Registered
from services.controlling.errors import PeriodUnknown
from shared.postgres.pool import Connection
from shared.postgres.queries import as_words, load

QUERIES = load(__file__)
_PREFETCH = 10


async def unchained_periods(connection: Connection) -> list[str]:
    """Give the periods in which decisions wait for the chain."""
    return [row["period"] for row in await connection.fetch(QUERIES["unchained_periods"])]


async def hold(connection: Connection, period: str) -> None:
    """Be the only one who appends to a period's chain until the transaction ends."""
    await connection.execute(QUERIES["hold_chain"], period)


async def unchained(connection: Connection, period: str, limit: int) -> dict[int, list[str]]:
    """Give about so many decisions of a period that wait for the chain, by batch."""
    rows = await connection.fetch(QUERIES["unchained"], period, limit)
    return {row["batch"]: row["decision_ids"] for row in rows}


async def waiting(connection: Connection, period: str) -> int:
    """Count the decisions of a period that wait for the chain."""
    return int(await connection.fetchval(QUERIES["waiting"], period))


async def registered(
    connection: Connection, period: str, decisions: Sequence[str]
) -> Mapping[str, Registered]:
    """Give what the register says of some decisions; those of another period aren't there."""
    rows = await connection.fetch(QUERIES["registered"], period, as_words(decisions))
    return {row["decision_id"]: Registered(*row) for row in rows}


async def end_of_chain(connection: Connection, period: str) -> Head:
    """Give the head of a period's chain."""
    row = await connection.fetchrow(QUERIES["end_of_chain"], period)
    return Head.of_nothing(period) if row is None else Head(**row)


async def append(connection: Connection, period: str, block: Block, batches: Sequence[int]) -> None:
    """Append a block; the batches that it is made of wait no longer."""
    words = as_words(block.decisions)
    await connection.execute(
        QUERIES["append"], period, block.preceding, words, block.hashes, batches
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a period is closed, and with how many entries; None: before there were chains."""

    closed: bool
    closed_entries: int | None


async def standing(connection: Connection, period: str) -> Standing:
    """Tell how a period stands.

    Raises:
        PeriodUnknown: it was never opened.
    """
    row = await connection.fetchrow(QUERIES["closed_entries"], period)
    if row is None:
        raise PeriodUnknown(period)
    return Standing(**row)


async def blocks(connection: Connection, period: str) -> AsyncIterator[Block]:
    """Give the chain of a period, block by block; needs an open transaction."""
    async for row in connection.cursor(QUERIES["blocks"], period, prefetch=_PREFETCH):
        yield Block(row["preceding"], row["decision_ids"], row["hashes"])


async def outside(connection: Connection, period: str) -> list[str]:
    """Give decisions of a period that nothing brought into its chain."""
    return [row["decision_id"] for row in await connection.fetch(QUERIES["outside"], period)]


async def keep_gaps(connection: Connection, period: str, gaps: Sequence[Gap], note: Note) -> None:
    """Keep which entries of a chain hold nothing but an id, and who said so."""
    await connection.execute(
        QUERIES["keep_gaps"],
        period,
        [one.entry for one in gaps],
        [one.decision for one in gaps],
        note.by,
        note.because,
        note.at,
    )


async def gaps(connection: Connection, period: str) -> list[Gap]:
    """Give the entries of a period's chain that hold nothing but an id, in their order."""
    return [Gap(**row) for row in await connection.fetch(QUERIES["gaps"], period)]


async def chained_periods(connection: Connection, passed_over: Collection[str]) -> list[str]:
    """Give the periods that have a chain, but for some."""
    rows = await connection.fetch(QUERIES["chained_periods"], list(passed_over))
    return [row["key"] for row in rows]


async def note_heads(
    connection: Connection, periods: Sequence[str], day: date
) -> list[tuple[str, DailyHead]]:
    """Note how far each of their chains has come; gives what is new, by period."""
    rows = await connection.fetch(QUERIES["note_heads"], day, periods)
    return [(row["period"], DailyHead(row["day"], row["entries"], row["hash"])) for row in rows]


async def heads(connection: Connection, period: str) -> list[DailyHead]:
    """Give what was published of a period's chain, the oldest first."""
    return [DailyHead(**row) for row in await connection.fetch(QUERIES["heads"], period)]
