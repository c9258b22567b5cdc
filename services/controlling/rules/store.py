"""What the register says of the policy that holds."""

from datetime import date

from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def drawn_by(connection: Connection, day: date) -> str | None:
    """Give the version by which the period of a day is drawn; None while it hasn't opened."""
    version: str | None = await connection.fetchval(QUERIES["drawn_by"], day)
    return version
