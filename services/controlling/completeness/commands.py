"""`gleichfall frame`: is every decision in the sampling frame, and which are still owed?"""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from services.controlling.completeness.comparison import Completeness
from services.controlling.completeness.errors import FrameIncomplete
from services.controlling.completeness.store import check_frame
from services.controlling.triggers.overdue import Overdue, overdue_cases
from services.controlling.triggers.store import waiting
from shared.console import screen
from shared.console.options import DAY, FIRST_DAY, LAST_DAY, json_option, organisation_option
from shared.organisation.file import load_organisation
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Pool


@click.group()
def frame() -> None:
    """See whether the sampling frame holds every decision."""


@frame.command()
@click.option("--from", "first", type=DAY, default=FIRST_DAY, help="First day; all by default.")
@click.option("--to", "last", type=DAY, default=LAST_DAY, help="Last day.")
@organisation_option
@json_option
def check(first: datetime, last: datetime, organisation_file: Path, *, as_json: bool) -> None:
    """Compare the frame with what intake accepted and what source systems counted.

    By unit and week; days stand for their weeks. Each gap is a footnote to every figure of its
    week. Exits with 1 when there is one in a week that is over. Of the running week counts come
    every few minutes: what differs there is told as running, and nothing is wrong.

    \b
    --json prints one object:
        decisions  how many the frame holds
        gaps       week (as 2026-W19), unit, counted_by, counted, held
        running    the same of the week that isn't over
        uncounted  by who counts: the weeks and units of the frame they left out
        footnotes  what stands beneath figures, as text

    Example: gleichfall frame check --from 2026-05-01 --to 2026-05-31
    """
    if first > last:
        raise click.UsageError(f"--from {first:%Y-%m-%d} lies after --to {last:%Y-%m-%d}")
    zone = load_organisation(organisation_file).jurisdiction.time_zone

    async def work(pool: Pool) -> Completeness:
        async with pool.acquire() as connection:
            return await check_frame(connection, first.date(), last.date(), zone)

    found = asyncio.run(on_database("controlling", work))
    if as_json:
        screen.show_json({**asdict(found), "footnotes": found.footnotes})
    else:
        click.echo(f"the frame holds {found.decisions:,} decisions")
        for note in found.footnotes:
            click.echo(note)
    if found.gaps:
        raise FrameIncomplete(len(found.gaps))


@frame.command()
@organisation_option
@json_option
def overdue(organisation_file: Path, *, as_json: bool) -> None:
    """List cases that wait longer for a decision than the law allows (§ 75 VwGO).

    What was never decided is in no frame and no sample, so it stands here: each application whose
    three months are over, and each case whose suit for inaction was won and that still waits for
    the decision the court ordered. That decision comes into review when it is made.

    \b
    --json prints a list:
        case_ref  the case
        since     the day of the application, or of the court's ruling
        last_day  the last day on which a decision was in time
        service   what was applied for; empty if that isn't known
        ruled     whether a suit for inaction was won

    Example: gleichfall frame overdue
    """
    zone = load_organisation(organisation_file).jurisdiction.time_zone
    now = datetime.now(UTC)

    async def work(pool: Pool) -> list[Overdue]:
        async with pool.acquire() as connection:
            return overdue_cases(await waiting(connection, now), now, zone)

    found = asyncio.run(on_database("controlling", work))
    if as_json:
        screen.show_json([
            one._asdict() | {"since": f"{one.since}", "last_day": f"{one.last_day}"}
            for one in found
        ])  # fmt: skip
        return
    if not found:
        click.echo("no case waits longer than the law allows")
        return
    table = screen.table("case", "service", "since", "in time until", lined=True)
    for one in found:
        last = "ordered by a court" if one.ruled else f"{one.last_day}"
        screen.add(table, one.case_ref, one.service or None, f"{one.since}", last)
    screen.show(table)
