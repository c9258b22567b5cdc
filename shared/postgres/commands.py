"""`gleichfall migrate`."""

import asyncio
from datetime import timedelta
from pathlib import Path

import click

from shared.console.options import DATABASE_URL
from shared.observe.logs import note_administered
from shared.postgres.migrations import PATIENCE, Phase, Waits
from shared.postgres.migrations import migrate as apply_migrations


@click.command()
@click.option(
    "--database-url",
    envvar="DATABASE_URL",
    required=True,
    type=DATABASE_URL,
    help="The operator's database URL (a role that may create roles and schemas).",
)
@click.option(
    "--secrets",
    "secrets_directory",
    envvar="GLEICHFALL_SECRETS_DIR",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the secrets; holds the password of each service's role.",
)
@click.option(
    "--post",
    is_flag=True,
    help="Apply what takes away; only when every process runs the new code.",
)
@click.option(
    "--stopped",
    is_flag=True,
    help="Apply both at once, over several releases; only while nothing runs.",
)
@click.option(
    "--patience",
    type=click.IntRange(0, 86_400),
    default=int(PATIENCE.total_seconds()),
    show_default=True,
    help="Seconds for which a file may be tried while others hold its locks.",
)
def migrate(
    *, database_url: str, secrets_directory: Path, post: bool, stopped: bool, patience: int
) -> None:
    """Create what is missing in the database: roles, schemas, tables.

    \b
    A new release in three steps, while everything runs:
        gleichfall migrate           adds what the new code needs; the old code runs on
        (start all processes anew)   with the new code
        gleichfall migrate --post    takes away what only the old code needed

    Every file is applied whole or not at all, and one already applied is skipped. A file that
    doesn't get its locks within a second gives up, so that nobody waits behind it, and is tried
    again with growing pauses. Interrupt and repeat at will. On a new database both phases run.

    Until `--post` has run, what old processes couldn't follow is held back: closing, witnessing and
    opening periods ahead, and publishing heads of registers. A database that is several releases
    behind can't be brought here while anything runs: stop it, and say `--stopped`.
    """
    if post and stopped:
        raise click.UsageError("--stopped applies both phases; leave --post out")
    phase = None if stopped else Phase.POST if post else Phase.PRE
    waits = Waits(timedelta(seconds=patience), click.echo)
    applied = asyncio.run(apply_migrations(database_url, secrets_directory, phase, waits))
    for name in applied:
        click.echo(f"applied {name}")
        note_administered("database migrated", file=name)
    if not applied:
        click.echo("nothing to do: the database is up to date")
