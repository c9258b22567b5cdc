"""`gleichfall secrets`: the secrets of an installation."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from deploy.secrets import rotation
from deploy.secrets.exchange import EXCHANGED, PUBLISHED, exchange, exchange_published, owner_login
from deploy.secrets.files import create_missing
from deploy.secrets.rotation import ROTATED
from shared.configuration.places import SERVICES
from shared.console import screen
from shared.console.options import database_option
from shared.observe.logs import note_administered
from shared.postgres.keys import forget_proofs
from shared.postgres.pool import operator_connection
from shared.security.secrets import DIRECTORY_VARIABLE, SecretName, SecretStore

_PROVED = (
    SecretName.SEED_ENCRYPTION_KEY,
    SecretName.PSEUDONYM_KEY,
    SecretName.CONTACT_MASTER_KEY,
    SecretName.CONTACT_SEALING_PUBLIC_KEY,
    SecretName.CONTACT_SEALING_PRIVATE_KEY,
)
"""The keys that prove themselves when a service starts."""

_DIRECTORY = click.Path(path_type=Path, file_okay=False)


@click.group(name="secrets")
def secrets() -> None:
    """Make the secrets that the services read from files, and let them take another key."""


@secrets.command()
@click.argument("directory", metavar="DIR", type=_DIRECTORY)
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
        note_administered("secret created", secret=name)
    if not created:
        click.echo(f"nothing to do: {directory} has every secret")


@secrets.command()
@click.argument(
    "names",
    metavar="NAME...",
    nargs=-1,
    required=True,
    type=click.Choice([one.value for one in _PROVED]),
)
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
                note_administered("another key accepted", secret=name)
        if not any(known.values()):
            click.echo("nothing to do: no service has seen a key of that name yet")

    asyncio.run(work())


@secrets.command(name="rotate")
@click.argument(
    "name",
    metavar="NAME",
    type=click.Choice(sorted(one.value for one in (*ROTATED, *EXCHANGED, *PUBLISHED))),
)
@click.option(
    "--secrets",
    "directory",
    type=_DIRECTORY,
    envvar=DIRECTORY_VARIABLE,
    required=True,
    help="The folder that the services read; also from GLEICHFALL_SECRETS_DIR.",
)
@click.option(
    "--published",
    metavar="WORD",
    help="What the first run said the new key goes by, once those outside know it: ends the "
    "exchange of dkim_rsa_pem, draw_signing_key or mail_report_key.",
)
@database_option
def rotate_key(*, name: str, directory: Path, published: str | None, database_url: str) -> None:
    """Exchange the secret NAME for a new one while the services work on.

    The new one is made, accepted by every process beside the present one, used, and then the old
    one leaves the file. What was encrypted with seed_encryption_key or contact_master_key is
    encrypted anew first; keep the old one with the backups from before. contact_sealing_private_key
    takes its public key along. mail_report_key takes two runs: whoever signs with it gets the new
    one in between; dkim_rsa_pem, too: its record goes into the DNS; and draw_signing_key, whose
    public key goes to auditors. Only with --published a run is the second. owner_database_password
    is that of the role in the database URL. Interrupted, run it again: it goes on from where it
    stands.

    Example: gleichfall secrets rotate contact_master_key
    """
    secret, store = SecretName(name), SecretStore(directory)
    if published is not None and secret not in PUBLISHED:
        raise click.UsageError(f"nobody outside need know {name}: --published is not for it")

    async def wait_for_others() -> None:
        async with operator_connection(database_url) as connection:
            await exchange_published(connection, store, secret, published, click.echo)

    async def pass_on() -> None:
        of_owner = secret is SecretName.OWNER_DATABASE_PASSWORD
        login = owner_login(database_url, store) if of_owner else database_url
        async with operator_connection(login) as connection:
            await exchange(connection, store, secret, click.echo)

    async def work(show: Callable[[int, int], None]) -> None:
        async with operator_connection(database_url) as connection:
            await rotation.rotate(
                connection,
                store,
                secret,
                tell=click.echo,
                progress=lambda now: show(now.done, now.total),
            )

    if secret in PUBLISHED:
        asyncio.run(wait_for_others())
    elif secret in EXCHANGED:
        asyncio.run(pass_on())
    else:
        with screen.counting("encrypting anew", "rows") as show:
            asyncio.run(work(show))
    note_administered("secret rotated", secret=name)
