"""`gleichfall frame`: is every decision in the sampling frame, and which are still owed?"""

import asyncio
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from services.controlling.completeness.comparison import Completeness
from services.controlling.completeness.errors import FrameIncomplete
from services.controlling.completeness.store import check_frame
from shared.console import screen
from shared.console.lazy_group import LazyGroup, Subcommand
from shared.console.options import DAY, FIRST_DAY, LAST_DAY, json_option, organisation_option
from shared.organisation.file import load_organisation
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Pool

# What waits for a decision isn't in the frame, and stands on a floor above: named, not imported.
_OVERDUE = Subcommand(
    "services.controlling.triggers.commands:overdue", "List cases that wait too long for theirs."
)


@click.group(name="frame", cls=LazyGroup, table={"overdue": _OVERDUE})
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
