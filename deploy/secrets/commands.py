"""`gleichfall secrets`: the secrets of an installation."""

from pathlib import Path

import click

from deploy.secrets.files import create_missing


@click.group(name="secrets")
def secrets() -> None:
    """Make the secrets that the services read from files."""


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
