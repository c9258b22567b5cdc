"""`gleichfall secrets`: the secrets of an installation."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click

from deploy.secrets.files import create_missing
from shared.configuration.places import SERVICES
from shared.console.options import database_option
from shared.postgres.keys import forget_proofs
from shared.postgres.pool import operator_connection
from shared.security.secrets import SecretName

_KEYS = [name.value for name in SecretName if name.value.endswith("_key")]


@click.group(name="secrets")
def secrets() -> None:
    """Make the secrets that the services read from files, and let them take another key."""


@secrets.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def create(directory: Path) -> None:
    """Make every secret that is missing in DIR.

    Passwords, tokens and keys are random; DIR is readable for its owner only. Nothing is ever
    overwritten, so it is safe to run this again after an update that needs a new secret. Point
    GLEICHFALL_SECRETS_DIR at DIR, and keep a backup: who loses contact_master_key loses all
    contact data, who loses pseudonym_key can't link new events to old cases.

    Example: gleichfall secrets create .local/secrets
    """
    created = create_missing(directory)
    for name in created:
        click.echo(f"created {directory / name}")
    if not created:
        click.echo(f"nothing to do: {directory} has every secret")


@secrets.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True, type=click.Choice(_KEYS))
@database_option
def accept(*, names: Sequence[str], database_url: str) -> None:
    """Let services start with other keys than those with which their databases were begun.

    A service that finds another key doesn't start, since nothing in its database fits it. After
    this the next start takes whichever it finds. What was encrypted with the old key stays lost:
    docs/operations/keys.md says what that means for each.

    Example: gleichfall secrets accept contact_master_key
    """

    async def work() -> None:
        async with operator_connection(database_url) as connection:
            known = await forget_proofs(connection, SERVICES, names)
        for service, found in known.items():
            for name in found:
                click.echo(f"{service} takes the {name} that it finds at its next start")
        if not any(known.values()):
            click.echo("nothing to do: no service has seen a key of that name yet")

    asyncio.run(work())
