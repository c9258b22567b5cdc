"""Which mails to staff are done."""

from datetime import date, datetime, timedelta

from services.notify.digest.kind import Kind
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def hold_digest(
    connection: Connection, kind: Kind, day: date, now: datetime, *, held: timedelta, ahead: date
) -> int | None:
    """Take a day's mail of a kind for some time.

    Args:
        connection: A connection.
        kind: Which mail.
        day: Which day's.
        now: What time it is.
        held: For how long.
        ahead: The last day that counts as soon.

    Returns:
        How much there is to tell; None if it isn't ours.
    """
    amount: int | None = await connection.fetchval(
        QUERIES["hold_digest"], kind.value, day, now, held, ahead
    )
    return amount


async def end_digest(connection: Connection, kind: Kind, day: date, now: datetime) -> None:
    """Write down that a day's mail of a kind is done."""
    await connection.execute(QUERIES["end_digest"], kind.value, day, now)
