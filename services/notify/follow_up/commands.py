"""`gleichfall messages tasks`: whom a person must tell."""

import asyncio
from dataclasses import asdict

import click

from services.notify.console import moment
from services.notify.follow_up.store import Task
from services.notify.follow_up.store import tasks as open_now
from services.notify.reports.reasons import load_reasons
from shared.console.options import json_option, language_option
from shared.console.screen import show_json
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Pool


@click.command()
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help="At most so many.",
)
@language_option
@json_option
def tasks(*, limit: int, language: str, as_json: bool) -> None:
    """List what a person must tell applicants, because no message reached them on any way.

    The oldest first. Nobody's name or address is shown: the file of the case has them. A task goes
    by itself when a message arrives after all.

    \b
    Example:
        gleichfall messages tasks --limit 20
    """

    async def look(pool: Pool) -> list[Task]:
        async with pool.acquire() as connection:
            return await open_now(connection, limit)

    found = asyncio.run(on_database("notify", look))
    if as_json:
        show_json([asdict(one) for one in found])
        return
    if not found:
        click.echo("nobody waits to be told")
        return
    words = load_reasons()[language]
    for one in found:
        more = f" and {one.amount - 1} more" if one.amount > 1 else ""
        click.echo(f"{moment(one.opened_at)}  {one.case_ref}  {one.name}{more}  {one.message}")
        click.echo(f"    {words[one.reason].happened} {words[one.reason].advice}")
        if one.why is not None:
            click.echo(f"    {one.why}")
