"""What the register holds, counted for a forecast."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.controlling.forecast.errors import DaysReversed
from services.controlling.forecast.extra import History, made_of
from services.controlling.forecast.preview import KindCount, Register
from services.controlling.policy.policy import Policy
from services.controlling.policy.store import experience
from services.controlling.policy.strata import Kind, Stratum, text_of
from services.controlling.triggers.causes import TRIGGERING
from services.controlling.triggers.store import law_changes
from services.controlling.triggers.waiting import BEGINNING, ENDING
from services.controlling.twins.likeness import Uncompared
from shared.events.event import Event
from shared.events.registry import CATALOGUE
from shared.postgres.pool import Connection, Pool
from shared.postgres.queries import load

QUERIES = load(__file__)
_DAY = timedelta(days=1)
_FOLLOWED = BEGINNING | ENDING | TRIGGERING
_REGISTER = "urn:gleichfall:register"


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


async def read_history(
    pool: Pool, first: date, last: date, *, zone: ZoneInfo, groups: Mapping[str, str]
) -> History:
    """Read what triggers and twins of some days follow from.

    Args:
        pool: As controlling.
        first: The first day.
        last: The last one.
        zone: Where the authority's days begin and end.
        groups: The group of decisions of each service.
    """
    between = (datetime.combine(first, time(), zone), datetime.combine(last + _DAY, time(), zone))
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        rows = await connection.fetch(QUERIES["decisions_between"], *between)
        kinds = sorted(name for name, one in CATALOGUE.items() if one.model in _FOLLOWED)
        events = await connection.fetch(QUERIES["events_of_cases"], *between, kinds)
        changes = await law_changes(connection)
    registered = [Uncompared(*row) for row in rows]
    return History(
        [_made(one) for one in registered],
        registered,
        [_event(*row) for row in events if row["type"] in CATALOGUE],
        changes,
        groups,
    )


def _made(one: Uncompared) -> Event:
    return Event(one.decision_id, _REGISTER, one.case_ref, one.decided_at, made_of(one))


def _event(case_ref: str, sequence: int, kind: str, at: datetime, data: str) -> Event:
    facts = CATALOGUE[kind].read(data, strict=True, extra="ignore")
    return Event(f"{case_ref}:{sequence}", _REGISTER, case_ref, at, facts, sequence)


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
