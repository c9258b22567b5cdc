"""`gleichfall accounts`: who may sign in to the workbench."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.controlling.accounts import store
from services.controlling.accounts.absence import Absence
from services.controlling.accounts.account import Account, Role
from services.controlling.accounts.entering import enter_absence
from services.controlling.accounts.errors import PasswordsOff
from services.controlling.accounts.joining import Joining, check
from services.controlling.accounts.settings import AccountSettings
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.store import changing, write
from shared.console import screen
from shared.console.numbers import FiniteRange
from shared.console.options import DAY, json_option, organisation_option
from shared.law.decision_types import DecisionTypes
from shared.observe.logs import note_administered
from shared.organisation.file import load_organisation
from shared.postgres.command_pool import in_transaction, on_database
from shared.postgres.pool import Connection, Pool
from shared.web.sign_in.local import hash_password, new_password

_SERVICE = "controlling"
_SHARE = FiniteRange(0, 1, min_open=True)


@click.group()
def accounts() -> None:
    """Add, list, lock and unlock the accounts of the workbench.

    On the local stack accounts have a password of their own. With GLEICHFALL_PRODUCTION they have
    none: there people sign in at the authority's identity provider, under the same login.
    """


@accounts.command()
@click.argument("login")
@click.option("--name", required=True, help="What colleagues call them.")
@click.option(
    "--role",
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="What they may do.",
)
@click.option("--unit", help="Where they work; a unit's head answers for this one.")
@click.option("--group", "groups", multiple=True, help="A group of decisions; none means all.")
@click.option(
    "--share",
    type=_SHARE,
    default=1.0,
    show_default=True,
    help="How much of a full reviewer's work they take.",
)
@click.option("--staff-number", help="So that they never review what they decided; leadership's.")
@organisation_option
def add(login: str, role: str, organisation_file: Path, **given: object) -> None:
    """Give somebody an account under LOGIN; prints a new password, once.

    Units are those of the organisation file, groups those of decision types. Who reviews
    (leadership) needs a staff number, who heads a unit that unit.

    \b
    Example:
        gleichfall accounts add m.berger --name "Maria Berger" --role leadership --unit unit-1 \\
            --staff-number 4711
    """
    password = None if AccountSettings().production else new_password()
    joining = Joining(login=login, role=Role(role), **_facts(given))
    _check(joining, organisation_file)
    if password is not None:
        joining = replace(joining, password_hash=hash_password(password))

    async def added(connection: Connection) -> UUID:
        account = await store.add(connection, joining, datetime.now(UTC))
        await _note(connection, Act.ACCOUNT_ADDED, account, role=role)
        return account

    _do(Act.ACCOUNT_ADDED, added)
    click.echo(f"{login} can sign in as {role}")
    _tell(password)


@accounts.command()
@click.argument("login")
@click.option("--name", help="What colleagues call them.")
@click.option("--unit", help="Where they work; '' for the whole authority.")
@click.option("--group", "groups", multiple=True, help="Instead of all before; '' means all.")
@click.option("--share", type=_SHARE, help="How much of a full reviewer's work they take.")
@click.option("--staff-number", help="So that they never review what they decided.")
@organisation_option
def change(login: str, organisation_file: Path, **given: object) -> None:
    """Describe LOGIN anew; what isn't given stays, and a role stays for ever.

    With another unit or staff number, controlling looks anew within seconds at what they must not
    review.

    \b
    Example:
        gleichfall accounts change m.berger --unit unit-2 --share 0.5
    """
    facts = _facts(given)
    if not facts:
        raise click.UsageError("say what is another: --name, --unit, --group, --share, ...")

    others: list[str] = []

    async def changed(connection: Connection) -> UUID | None:
        account, before = await store.described(connection, login)
        after = replace(before, **facts)
        _check(after, organisation_file)
        await store.describe(connection, account, after)
        others.extend(
            one.name
            for one in fields(Joining)
            if getattr(before, one.name) != getattr(after, one.name)
        )
        for what in others:
            await _note(connection, Act.ACCOUNT_CHANGED, account, what=what)
        return account if others else None

    _do(Act.ACCOUNT_CHANGED, changed)
    told = ", ".join(what.replace("_", " ") for what in others)
    click.echo(f"{login} has another {told}" if others else f"{login} was so before")


@accounts.command(name="list")
@json_option
def list_command(*, as_json: bool) -> None:
    """List all accounts.

    --json prints an array of objects with login, name, role, unit, groups, share, absent (first
    and last day), locked and created.
    """
    found = asyncio.run(in_transaction(_SERVICE, store.every))
    if as_json:
        screen.show_json([_described(one) for one in found])
        return
    table = screen.table("login", "name", "role", "unit", "share", "")
    for one in found:
        who = (one.login, one.name, one.role, one.unit or "", str(one.share))
        screen.add(table, *who, _state(one))
    screen.show(table)


@accounts.command()
@click.argument("login")
def lock(login: str) -> None:
    """Let LOGIN sign in no more, and end all sessions."""

    async def locked(connection: Connection) -> UUID:
        account = await store.of_login(connection, login)
        await store.lock(connection, account.id, datetime.now(UTC))
        await _note(connection, Act.ACCOUNT_LOCKED, account.id)
        return account.id

    _do(Act.ACCOUNT_LOCKED, locked)
    click.echo(f"{login} is locked, all sessions have ended")


@accounts.command()
@click.argument("login")
def unlock(login: str) -> None:
    """Let LOGIN sign in again."""

    async def unlocked(connection: Connection) -> UUID:
        account = await store.of_login(connection, login)
        await store.unlock(connection, account.id)
        await _note(connection, Act.ACCOUNT_UNLOCKED, account.id)
        return account.id

    _do(Act.ACCOUNT_UNLOCKED, unlocked)
    click.echo(f"{login} can sign in")


@accounts.command()
@click.argument("login")
@click.option("--from", "first", type=DAY, help="The first day.")
@click.option("--until", "last", type=DAY, help="The last day.")
def absent(login: str, first: datetime | None, last: datetime | None) -> None:
    """Say when LOGIN isn't there and is given no reviews; without days, LOGIN is there again.

    \b
    Example:
        gleichfall accounts absent m.berger --from 2026-12-21 --until 2027-01-06
    """
    absence = None
    if first is not None or last is not None:
        begin, end = (day and day.date() for day in (first, last))
        absence = Absence.of(begin, end, datetime.now(UTC).date())

    async def entered(pool: Pool) -> None:
        async with changing(pool) as change:
            account = await store.of_login(change.connection, login)
            await enter_absence(change, None, account.id, absence)

    asyncio.run(on_database(_SERVICE, entered))
    if absence is None:
        click.echo(f"{login} is there")
    else:
        click.echo(f"{login} isn't there from {absence.first} until {absence.last}")


@accounts.command()
@click.argument("login")
def reset(login: str) -> None:
    """Give LOGIN a new password, print it once, and end all sessions."""
    if AccountSettings().production:
        raise PasswordsOff
    password = new_password()

    async def replaced(connection: Connection) -> UUID:
        account = await store.of_login(connection, login)
        await store.set_password(connection, account.id, hash_password(password))
        await _note(connection, Act.PASSWORD_RESET, account.id)
        return account.id

    _do(Act.PASSWORD_RESET, replaced)
    _tell(password)


def _facts(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give what was said of an account; nothing in quotes takes away what was there."""
    said = {name: value for name, value in given.items() if value not in (None, ())}
    if "unit" in said:
        said["unit"] = said["unit"] or None
    if "staff_number" in said:
        said["staff_number"] = said["staff_number"] or None
    if "groups" in said:
        said["groups"] = tuple(filter(None, said["groups"]))
    if "share" in said:
        said["share"] = Decimal(str(said["share"]))
    return said


def _check(joining: Joining, organisation_file: Path) -> None:
    units = [one.key for one in load_organisation(organisation_file).units]
    check(joining, units, [one.key for one in DecisionTypes.load().groups])


def _do(act: Act, work: Callable[[Connection], Awaitable[UUID | None]]) -> None:
    """Do a command's work, which tells whose account it changed, and note it for security."""
    account = asyncio.run(in_transaction(_SERVICE, work))
    if account is not None:
        note_administered(act.replace("_", " "), account=str(account))


async def _note(connection: Connection, act: Act, account: UUID, **detail: str) -> None:
    """Write down what an operator did, who has no account."""
    entry = Entry(None, None, act, f"account:{account}", {"by": "command", **detail})
    await write(connection, entry)


def _tell(password: str | None) -> None:
    if password is not None:
        click.echo(f"password: {password}")
        click.echo("It is shown this once; 'gleichfall accounts reset' makes another one.")


def _described(account: Account) -> dict[str, object]:
    return {
        "login": account.login,
        "name": account.name,
        "role": account.role,
        "unit": account.unit,
        "groups": account.groups,
        "share": str(account.share),
        "absent": [_day(account.absent_from), _day(account.absent_until)],
        "locked": account.locked_at is not None,
        "created": account.created_at.isoformat(),
    }


def _state(account: Account) -> str:
    if account.locked_at:
        return "locked"
    if account.absent_from is None:
        return ""
    return f"absent {account.absent_from} to {account.absent_until or 'further notice'}"


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
