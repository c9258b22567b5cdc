"""What was believed of the time, in the database."""

from datetime import datetime

from shared.clock.judging import Memory
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def read(connection: Connection) -> tuple[datetime, Memory]:
    """Give the time by the database's clock, and what was believed before."""
    row = await connection.fetchrow(QUERIES["read"])
    assert row is not None
    return row["now"], Memory(row["known"], row["doubted"], row["accepted"])


async def believe(connection: Connection, now: datetime) -> None:
    """Note that nothing speaks against a time."""
    await connection.execute(QUERIES["believe"], now)


async def doubt(connection: Connection, now: datetime) -> None:
    """Note that something speaks against a time; the first one stays."""
    await connection.execute(QUERIES["doubt"], now)


async def accept(connection: Connection, by: str, reason: str) -> None:
    """Believe the database's clock from now on, whatever speaks against it."""
    await connection.execute(QUERIES["accept"], by, reason)
