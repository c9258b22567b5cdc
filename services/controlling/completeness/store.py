"""What others counted, and what the frame holds."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.controlling.completeness.comparison import (
    Cell,
    Completeness,
    Counts,
    compare,
    week_of,
)
from services.controlling.completeness.dilution import (
    CrowdedCase,
    CrowdedHour,
    Dilution,
    Limits,
)
from services.controlling.completeness.findings import (
    Finding,
    Second,
    Settlement,
    Settlements,
    second_decisions,
)
from services.controlling.completeness.misspelt import UnlistedType, unlisted_type
from shared.events.catalogue.office import DecisionsCounted
from shared.events.vocabulary import LateReason
from shared.law.decision_types import DecisionTypes
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


async def enter_repeats(connection: Connection, cells: Sequence[Cell]) -> None:
    """Note decisions that were sent again, as who counts events counts them again."""
    repeats = sorted(Counter(cells).items())
    columns = zip(*((cell.unit, cell.week, amount) for cell, amount in repeats), strict=True)
    await connection.execute(QUERIES["enter_repeats"], *columns)


async def check_frame(
    connection: Connection, first: date, last: date, zone: ZoneInfo, limits: Limits
) -> Completeness:
    """Compare the frame with what others counted, in the weeks of the days from `first` to `last`.

    Args:
        connection: As controlling.
        first: A day.
        last: Another, not before it.
        zone: Where the authority's weeks begin.
        limits: What may dilute the draw of the periods of these days.
    """
    weeks = week_of(first), week_of(last)
    counted: dict[str, dict[Cell, int]] = defaultdict(dict)
    for counter, week, unit, decisions in await connection.fetch(QUERIES["counted"], *weeks):
        counted[counter][Cell(week, unit)] = decisions
    around = (_moment(first, -_SOME_DAYS, zone), _moment(last, _SOME_DAYS, zone))
    held = await _cells(connection, "held", *weeks, zone.key, *around)
    repeats = await _cells(connection, "repeats", *weeks)
    settled = await _settlements(connection)
    today = datetime.now(zone).date()
    found = compare(held, counted, today, repeats=repeats, settlements=settled)
    findings = [*found.findings, *await second_findings(connection, first, last, zone)]
    dilution = await _dilution(connection, first, last, limits)
    return replace(found, findings=findings, dilution=dilution)


async def second_findings(
    connection: Connection, first: date, last: date, zone: ZoneInfo
) -> list[Finding]:
    """Give a finding for each decision of some days that came under the id of another one."""
    between = (_moment(first, timedelta(), zone), _moment(last, timedelta(days=1), zone))
    seconds = [
        Second(row["decision_id"], row["claimed_id"], row["found_at"].astimezone(zone).date())
        for row in await connection.fetch(QUERIES["second_decisions"], *between)
    ]
    return second_decisions(seconds, await _settlements(connection))


async def days_held(connection: Connection, zone: ZoneInfo) -> tuple[date, date] | None:
    """Give the first and the last day of decisions in the frame; looks at each decision."""
    row = await connection.fetchrow(QUERIES["days_held"], zone.key)
    return None if row is None or row["first"] is None else (row["first"], row["last"])


async def unlisted_types(
    connection: Connection, first: date, last: date, zone: ZoneInfo, types: DecisionTypes
) -> list[UnlistedType]:
    """Give the types of decisions of some days that the catalogue doesn't list, most first."""
    between = (_moment(first, timedelta(), zone), _moment(last, timedelta(days=1), zone))
    rows = await connection.fetch(
        QUERIES["unlisted_types"], *between, types.unlisted, list(types.codes)
    )
    return [unlisted_type(code, decisions, types.codes) for code, decisions in rows]


async def late_reasons(
    connection: Connection, first: date, last: date, zone: ZoneInfo
) -> dict[LateReason, int]:
    """Count the decisions of some days that say why they were told late, by what they say."""
    between = (_moment(first, timedelta(), zone), _moment(last, timedelta(days=1), zone))
    rows = await connection.fetch(QUERIES["late_reasons"], *between)
    return {LateReason(reason): decisions for reason, decisions in rows}


async def _dilution(connection: Connection, first: date, last: date, limits: Limits) -> Dilution:
    cases = await connection.fetch(QUERIES["crowded_cases"], first, last, limits.in_case)
    hours = await connection.fetch(QUERIES["crowded_hours"], first, last, limits.in_hour)
    return Dilution(
        limits, [CrowdedCase(*row) for row in cases], [CrowdedHour(*row) for row in hours]
    )


async def settle(connection: Connection, finding: Finding, by: str, because: str) -> None:
    """Say what became of a finding; who said it first stays."""
    await connection.execute(QUERIES["settle_finding"], finding.name, finding.said, by, because)


async def _cells(connection: Connection, query: str, *values: object) -> Counts:
    rows = await connection.fetch(QUERIES[query], *values)
    return {Cell(week, unit): decisions for week, unit, decisions in rows}


async def _settlements(connection: Connection) -> Settlements:
    rows = await connection.fetch(QUERIES["settlements"])
    return {(name, said): Settlement(*settlement) for name, said, *settlement in rows}


def _moment(day: date, away: timedelta, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + away, time(), zone)
