"""What others counted, and what the frame holds."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.controlling.completeness.comparison import (
    Cell,
    Completeness,
    Counts,
    compare,
    week_of,
)
from shared.events.catalogue.office import DecisionsCounted
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)
_SOME_DAYS = timedelta(days=8)
"""No week reaches further beyond one of its days."""


async def enter_counts(
    connection: Connection, counts: Sequence[tuple[str, DecisionsCounted]]
) -> None:
    """Enter counts in the order in which they came, each with who counted."""
    latest = {(counter, one.unit, one.week): one.decisions for counter, one in counts}
    if latest:
        columns = zip(*sorted((*cell, amount) for cell, amount in latest.items()), strict=True)
        await connection.execute(QUERIES["enter_counts"], *columns)


async def check_frame(
    connection: Connection, first: date, last: date, zone: ZoneInfo
) -> Completeness:
    """Compare the frame with what others counted, in the weeks of the days from `first` to `last`.

    Args:
        connection: As controlling.
        first: A day.
        last: Another, not before it.
        zone: Where the authority's weeks begin.
    """
    weeks = week_of(first), week_of(last)
    counted: dict[str, dict[Cell, int]] = defaultdict(dict)
    for counter, week, unit, decisions in await connection.fetch(QUERIES["counted"], *weeks):
        counted[counter][Cell(week, unit)] = decisions
    around = (_moment(first, -_SOME_DAYS, zone), _moment(last, _SOME_DAYS, zone))
    rows = await connection.fetch(QUERIES["held"], *weeks, zone.key, *around)
    held: Counts = {Cell(week, unit): decisions for week, unit, decisions in rows}
    return compare(held, counted, datetime.now(zone).date())


def _moment(day: date, away: timedelta, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + away, time(), zone)
