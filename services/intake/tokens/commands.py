"""`gleichfall tokens`: which tokens source systems have, made and revoked while intake runs."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from services.intake.systems import load_systems
from services.intake.tokens import store
from shared.configuration.places import SYSTEMS
from shared.configuration.yaml_file import nearest
from shared.console import screen
from shared.console.options import DAY, FILE, json_option
from shared.errors import PermanentError
from shared.observe.logs import note_administered
from shared.postgres.command_pool import in_transaction
from shared.security.bearer import new_bearer


class NoSuchSystem(PermanentError):
    """The file of systems has no system of this name."""


class NoSuchToken(PermanentError):
    """There is no token of this id that could be revoked."""


@click.group()
def tokens() -> None:
    """Make, list and revoke the tokens with which systems send to intake.

    A system may have several, so that a new one is in use before the old one ends. Only their
    hashes are kept. Intake learns of changes within five seconds, without a restart.
    """


@tokens.command()
@click.argument("system")
@click.option("--begins", type=DAY, help="First day, UTC; left out: now.")
@click.option("--ends", type=DAY, help="The day, UTC, at whose beginning it ends.")
@click.option("--systems", type=FILE, envvar="GLEICHFALL_SYSTEMS", default=SYSTEMS)
def create(system: str, begins: datetime | None, ends: datetime | None, systems: Path) -> None:
    """Make a token for SYSTEM of the file of systems; prints it once.

    \b
    Example:
        gleichfall tokens create telephone --ends 2027-12-31
    """
    known = load_systems(systems)
    if system not in known:
        raise NoSuchSystem(f"{systems} describes no system {system}{nearest(system, known)}")
    begins_at = datetime.now(UTC) if begins is None else begins.replace(tzinfo=UTC)
    ends_at = None if ends is None else ends.replace(tzinfo=UTC)
    if ends_at is not None and ends_at <= begins_at:
        raise click.UsageError("a token ends after it begins")
    token = new_bearer()
    asyncio.run(
        in_transaction(
            "intake", lambda connection: store.create(connection, token, system, begins_at, ends_at)
        )
    )
    note_administered("token created", system=system, token=token.id)
    until = "without end" if ends_at is None else f"until {ends_at:%Y-%m-%d}"
    click.echo(f"token {token.id} of {system}, {until}; shown once, keep it now:", err=True)
    click.echo(token.text)


@tokens.command(name="list")
@json_option
def list_command(*, as_json: bool) -> None:
    """List all tokens, those that ended, too; the secret `source_tokens` has its own.

    --json prints an array of objects with id, system, begins_at, ends_at, revoked_at, last_used (a
    day) and state.
    """
    now, found = datetime.now(UTC), asyncio.run(in_transaction("intake", store.every))
    if as_json:
        screen.show_json([asdict(one) | {"state": one.state(now)} for one in found])
        return
    table = screen.table("token", "system", "begins", "ends", "last used", "")
    for one in found:
        ends = "" if one.ends_at is None else f"{one.ends_at:%Y-%m-%d}"
        used = "never" if one.last_used is None else f"{one.last_used}"
        screen.add(
            table, one.id, one.system, f"{one.begins_at:%Y-%m-%d}", ends, used, one.state(now)
        )
    screen.show(table)


@tokens.command()
@click.argument("token")
def revoke(token: str) -> None:
    """End TOKEN, by its id; intake refuses it within five seconds.

    \b
    Example:
        gleichfall tokens revoke 3f9a1c2b
    """
    system = asyncio.run(
        in_transaction("intake", lambda connection: store.revoke(connection, token))
    )
    if system is None:
        raise NoSuchToken(
            f"there is no token {token} that could be revoked; see 'gleichfall tokens list'"
        )
    note_administered("token revoked", system=system, token=token)
    click.echo(f"token {token} of {system} is revoked")
