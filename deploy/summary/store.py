"""What intake, controlling and notify have in their books, as the database says."""

from collections.abc import Collection, Sequence

from asyncpg import Record

from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def accepted(connection: Connection) -> Sequence[Record]:
    """Give what intake accepted, by type, and how much of all it hasn't published."""
    return await connection.fetch(QUERIES["intake"])


async def controlling(connection: Connection) -> Record:
    """Give what controlling made of it."""
    return await _row(connection, "controlling")


async def service_figures(connection: Connection) -> Record:
    """Give what is told of the service."""
    return await _row(connection, "service_figures")


async def notify(connection: Connection) -> Record:
    """Give what notify made of it."""
    return await _row(connection, "notify")


async def discarded(connection: Connection) -> Sequence[Record]:
    """Give what operators gave up for ever, by service and type."""
    return await connection.fetch(QUERIES["discarded"])


async def messages(connection: Connection, later: Collection[str]) -> Sequence[Record]:
    """Give the messages by cause, channel and state; `later` names those that wait for a day."""
    return await connection.fetch(QUERIES["messages"], sorted(later))


async def resting(connection: Connection, later: Collection[str]) -> Record:
    """Give how many SMS wait for the end of quiet hours, and until when."""
    return (await connection.fetch(QUERIES["resting"], sorted(later)))[0]


async def reviews(connection: Connection) -> Sequence[Record]:
    """Give the reviews by round and state."""
    return await connection.fetch(QUERIES["reviews"])


async def review_books(connection: Connection) -> Record:
    """Give what must agree with them."""
    return await _row(connection, "review_books")


async def _row(connection: Connection, query: str) -> Record:
    row = await connection.fetchrow(QUERIES[query])
    assert row is not None  # a row of sub-selects is always there
    return row
