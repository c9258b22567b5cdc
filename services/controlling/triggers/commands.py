"""`gleichfall frame overdue`: which decisions are still owed?"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from services.controlling.triggers.overdue import Overdue, overdue_cases
from services.controlling.triggers.store import waiting
from shared.console import screen
from shared.console.options import json_option, organisation_option
from shared.organisation.file import load_organisation
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Pool


@click.command()
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
