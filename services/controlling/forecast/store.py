"""What the register holds, counted for a forecast."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.controlling.forecast.errors import DaysReversed
from services.controlling.forecast.preview import KindCount, Register
from services.controlling.policy.policy import Policy
from services.controlling.policy.store import experience
from services.controlling.policy.strata import Kind, Stratum, text_of
from shared.postgres.pool import Connection, Pool
from shared.postgres.queries import load

QUERIES = load(__file__)
_DAY = timedelta(days=1)


async def count_register(
    pool: Pool,
    policy: Policy,
    first: date,
    last: date,
    *,
    zone: ZoneInfo,
    progressed: Callable[[int, int], None] = lambda _done, _all: None,
) -> Register:
    """Count decisions by kind, period by period, in the database.

    Args:
        pool: As controlling.
        policy: Says by what decisions are told apart, and when it is to hold.
        first: The first day to look at.
        last: The last one.
        zone: Where the authority's days begin and end.
        progressed: Is told how many of how many periods are counted.

    Raises:
        DaysReversed: the last day lies before the first.
    """
    if first > last:
        raise DaysReversed(first, last)
    between = (datetime.combine(first, time(), zone), datetime.combine(last + _DAY, time(), zone))
    counts: list[KindCount] = []
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        periods = await connection.fetch(QUERIES["periods_between"], first, last)
        for number, period in enumerate(periods, start=1):
            counts += await _count(connection, period["key"], between, zone, policy.split_by)
            progressed(number, len(periods))
        before, months = policy.valid_from or date.max, policy.period.months
        return Register(first, last, counts, await experience(connection, before, months))


async def _count(
    connection: Connection,
    period: str,
    between: tuple[datetime, datetime],
    zone: ZoneInfo,
    fields: Sequence[str],
) -> list[KindCount]:
    """Count the decisions of a period from one moment to before another."""
    rows = await connection.fetch(QUERIES["count_kinds"], period, *between, zone.key, list(fields))
    return [
        KindCount(
            Kind(
                row["type_code"],
                (stratum := Stratum.parse(row["stratum"])).direction,
                stratum.unit,
                row["day"],
                tuple(map(text_of, row["texts"])),
            ),
            row["decisions"],
            row["known"],
        )
        for row in rows
    ]
