"""How far each service is, and what waits for people, as the database says."""

from collections.abc import Sequence

from asyncpg import Record

from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def backlogs(connection: Connection) -> dict[str, Record]:
    """Give what each service has still to do."""
    return {row["service"]: row for row in await connection.fetch(QUERIES["backlogs"])}


async def counts(connection: Connection) -> Sequence[Record]:
    """Give what each service has done, by kind."""
    return await connection.fetch(QUERIES["counts"])


async def unwitnessed(connection: Connection) -> Sequence[Record]:
    """Give the periods that have no witness yet."""
    return await connection.fetch(QUERIES["unwitnessed"])
