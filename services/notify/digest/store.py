"""Which days' mails to staff are done."""

from datetime import date, datetime, timedelta

from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def hold_digest(
    connection: Connection, day: date, now: datetime, held: timedelta
) -> int | None:
    """Take a day's digest for some time; gives how much there is to tell, None if it isn't ours."""
    amount: int | None = await connection.fetchval(QUERIES["hold_digest"], day, now, held)
    return amount


async def end_digest(connection: Connection, day: date, now: datetime) -> None:
    """Write down that a day's digest is done."""
    await connection.execute(QUERIES["end_digest"], day, now)
