"""How large tables are and what of them is overdue, as the database says."""

from collections.abc import Sequence
from datetime import timedelta

from asyncpg import Record

from shared.configuration.places import SERVICES
from shared.postgres.pool import Connection, enter_schema
from shared.postgres.queries import load

QUERIES = load(__file__)


async def sizes(connection: Connection) -> Sequence[Record]:
    """Give each table with its service, rows, dead rows and bytes."""
    return await connection.fetch(QUERIES["sizes"], list(SERVICES))


async def overdue(connection: Connection, service: str, table: str, after: timedelta) -> int:
    """Count the rows of a table that should have lost their content by now."""
    async with connection.transaction():
        await enter_schema(connection, service)
        return int(await connection.fetchval(QUERIES[f"overdue_{table}"], after))
