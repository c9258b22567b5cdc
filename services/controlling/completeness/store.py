"""What others counted, and what the frame holds."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from services.controlling.sampling.completeness import Cell, Counts
from shared.events.catalogue.office import DecisionsCounted
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def enter_counts(
    connection: Connection, counts: Sequence[tuple[str, DecisionsCounted]]
) -> None:
    """Enter counts in the order in which they came, each with who counted."""
    latest = {(counter, one.unit, one.week): one.decisions for counter, one in counts}
    if latest:
        columns = zip(*sorted((*cell, amount) for cell, amount in latest.items()), strict=True)
        await connection.execute(QUERIES["enter_counts"], *columns)


async def counted(connection: Connection, first: str, last: str) -> Mapping[str, Counts]:
    """Give what others counted from one week (as 2026-W19) to another, by who counted."""
    found: dict[str, dict[Cell, int]] = defaultdict(dict)
    for counter, week, unit, decisions in await connection.fetch(QUERIES["counted"], first, last):
        found[counter][Cell(week, unit)] = decisions
    return found


async def held(connection: Connection, first: str, last: str, zone: ZoneInfo) -> Counts:
    """Give what the frame holds from one week (as 2026-W19) to another."""
    rows = await connection.fetch(QUERIES["held"], first, last, zone.key)
    return {Cell(week, unit): decisions for week, unit, decisions in rows}
