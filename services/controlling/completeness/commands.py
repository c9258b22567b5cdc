"""`gleichfall frame`: is every decision in the sampling frame?"""

import asyncio
from dataclasses import asdict
from datetime import datetime

import click
from pydantic_core import to_json

from services.controlling.commands import with_pool
from services.controlling.completeness.store import check_frame
from services.controlling.errors import FrameIncomplete
from services.controlling.sampling.completeness import Completeness
from services.controlling.settings import Settings
from shared.postgres.pool import Pool

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def frame() -> None:
    """See whether the sampling frame holds every decision."""


@frame.command()
@click.option("--from", "first", type=_DAY, default="1900-01-01", help="First day; all by default.")
@click.option("--to", "last", type=_DAY, default="2200-01-01", help="Last day.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(first: datetime, last: datetime, *, as_json: bool) -> None:
    """Compare the frame with what intake accepted and what source systems counted.

    By unit and week; days stand for their weeks. Each gap is a footnote to every figure of its
    week. Exits with 1 when there is one. Intake tells its counts every few minutes, so the
    running week may differ for a moment.

    \b
    --json prints one object:
        decisions  how many the frame holds
        gaps       week (as 2026-W19), unit, counted_by, counted, held
        uncounted  by who counts: the weeks and units of the frame they left out
        footnotes  what stands beneath figures, as text

    Example: gleichfall frame check --from 2026-05-01 --to 2026-05-31
    """
    settings = Settings()
    zone = settings.time_zone

    async def work(pool: Pool) -> Completeness:
        async with pool.acquire() as connection:
            return await check_frame(connection, first.date(), last.date(), zone)

    found = asyncio.run(with_pool(settings, work))
    if as_json:
        click.echo(to_json({**asdict(found), "footnotes": found.footnotes}))
    else:
        click.echo(f"the frame holds {found.decisions:,} decisions")
        for note in found.footnotes:
            click.echo(note)
    if found.gaps:
        raise FrameIncomplete(len(found.gaps))
