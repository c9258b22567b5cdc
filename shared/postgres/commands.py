"""`gleichfall migrate`."""

import asyncio
from pathlib import Path

import click

from shared.postgres.migrations import migrate as apply_migrations


@click.command()
@click.option(
    "--database-url",
    envvar="DATABASE_URL",
    required=True,
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
def migrate(database_url: str, secrets_directory: Path) -> None:
    """Create what is missing in the database: roles, schemas, tables.

    Safe to run at any time, also while the services run: every file is one transaction with a
    lock timeout, and files already applied are skipped.
    """
    applied = asyncio.run(apply_migrations(database_url, secrets_directory))
    for name in applied:
        click.echo(f"applied {name}")
    if not applied:
        click.echo("nothing to do: the database is up to date")
