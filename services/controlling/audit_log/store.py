"""What the log calls what belongs to a case, out of the database."""

from collections.abc import Sequence

from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def things_of_case(connection: Connection, names: Sequence[str]) -> list[str]:
    """Give the objects of a case that is named, or one of whose decisions is; else nobody's."""
    rows = await connection.fetch(QUERIES["things_of_case"], names)
    return [row["object"] for row in rows]
