"""`gleichfall messages show | again | resend | stop | told | audit`: what became of messages."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import click

from services.notify.channels.wiring import CHANNELS
from services.notify.console import moment
from services.notify.contacts.vault import Vault
from services.notify.operation import store
from services.notify.operation.errors import CaseUnknown, MessagesOverdue
from services.notify.operation.interventions import Done, Operator, resend, stop, tell
from services.notify.operation.rereading import write_again
from services.notify.operation.store import Count, Overdue
from services.notify.operation.written import Written
from services.notify.reference import hash_of
from services.notify.reports.reasons import load_reasons
from services.notify.states import State
from shared.configuration.replacing import replacing
from shared.console.options import (
    OUT,
    answerable,
    json_option,
    language_option,
    organisation_option,
)
from shared.console.screen import show_json
from shared.events.vocabulary import Channel
from shared.law.notification_rules import NotificationRules
from shared.organisation.file import load_organisation
from shared.organisation.model import Organisation
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Connection, Pool
from shared.security.key_ring import KeyRing
from shared.security.secrets import SecretName, SecretStore

TAKEN_WITHIN = timedelta(minutes=15)
ENDED_WITHIN = timedelta(days=5)

Result = TypeVar("Result")


@click.command()
@click.argument("case_ref", metavar="CASE")
@language_option
@json_option
@organisation_option
def show(*, case_ref: str, language: str, organisation_file: Path, as_json: bool) -> None:
    """Show what the applicant of CASE was told, was not told, and why.

    CASE is a pseudonym, as events and logs name it, or the code that a message names as our
    reference. Nobody's address is shown.

    \b
    Example:
        gleichfall messages show case-abcdefghijklmnopqrstuvwxyz
    """
    written = asyncio.run(_on_database(lambda connection: store.of_case(connection, case_ref)))
    if not written and (said := hash_of(case_ref)) is not None:
        written = asyncio.run(_on_database(lambda connection: store.of_code(connection, said)))
    if not written:
        raise CaseUnknown(case_ref)
    if as_json:
        show_json([asdict(one) for one in written])
        return
    words, here = load_reasons()[language], load_organisation(organisation_file)
    for one in written:
        about = f"{one.name}, {one.channel}, {one.language}{_to_whom(one)}"
        click.echo(f"{moment(one.planned_at)}  {about}  {one.id}")
        click.echo(f"{moment(one.ended_at or one.next_at)}  {one.state}{_tries(one.attempts)}")
        if one.reason is not None:
            click.echo(f"    {words[one.reason].happened} {words[one.reason].advice}")
        if one.why is not None:
            click.echo(f"    {one.why}")
        if one.provided_at is not None:
            click.echo(f"    {_provided(one.provided_at, here)}")
        for done in one.interventions:
            successor = f" as {done.successor}" if done.successor else ""
            click.echo(f"    {done.action} by {done.by}{successor}, {moment(done.at)}:")
            click.echo(f"        {done.because}")
        if one.digest is not None or one.erased:
            click.echo(f"    {_left(one)}")


@click.command()
@click.argument("message", metavar="ID", type=click.UUID)
@click.option(
    "--out",
    type=OUT,
    help="Write it to this file. It names the recipient: handle it accordingly.",
)
def again(message: UUID, out: Path | None) -> None:
    """Write the message ID once more as it left, and compare it with the hash of that time.

    Texts, authority and address of that time are used, whatever has changed since. Nothing is sent.
    Once its retention has ended, or its recipient is erased, only hash, state and times are left.

    \b
    Example:
        gleichfall messages again 018f3c1e-0000-5000-8000-000000000000 --out mail.eml
    """
    vault = Vault(KeyRing(SecretStore.from_environment(), SecretName.CONTACT_MASTER_KEY))
    kept = asyncio.run(_on_database(lambda connection: store.past(connection, message)))
    content = write_again(kept, vault, {way.channel: way.write for way in CHANNELS})
    if out is not None:
        with replacing(out) as torso:
            torso.write_bytes(content)
    click.echo(f"{message}: the same {len(content):,} bytes as were handed over")


@click.command(name="resend")
@click.argument("message", metavar="ID", type=click.UUID)
@answerable
def resend_message(*, message: UUID, by: str, reason: str, dry_run: bool) -> None:
    """Send the message ID, which has ended, once more on the same way.

    The new one has an identity of its own and names the old one as its cause. Refused where
    something has made it untrue since, where it would come too late, and where what it told isn't
    kept. Interrupt and repeat at will: a message is sent again once.

    \b
    Example:
        gleichfall messages resend ID --by ops-7 --reason "mailbox was full"
    """
    operator = Operator(by, reason)
    done = asyncio.run(
        _on_database(lambda connection: resend(connection, message, operator, dry_run=dry_run))
    )
    click.echo(f"{message} {_outcome(done, dry_run=dry_run)} as {done.successor}")


@click.command(name="stop")
@click.argument("message", metavar="ID", type=click.UUID)
@answerable
def stop_message(*, message: UUID, by: str, reason: str, dry_run: bool) -> None:
    """Stop the message ID before it leaves; it ends as suppressed, and no other way is taken.

    One that is being handed over or has ended can't be stopped. Interrupt and repeat at will.

    \b
    Example:
        gleichfall messages stop ID --by ops-7 --reason "the office is closed that day"
    """
    operator = Operator(by, reason)
    done = asyncio.run(
        _on_database(lambda connection: stop(connection, message, operator, dry_run=dry_run))
    )
    click.echo(f"{message} {_outcome(done, dry_run=dry_run)}")


@click.command(name="told")
@click.argument("message", metavar="ID", type=click.UUID)
@answerable
def told_otherwise(*, message: UUID, by: str, reason: str, dry_run: bool) -> None:
    """Close the task about the message ID: its recipient was told, and --reason says how.

    Interrupt and repeat at will.

    \b
    Example:
        gleichfall messages told ID --by unit-3 --reason "called on the phone"
    """
    operator = Operator(by, reason)
    done = asyncio.run(
        _on_database(lambda connection: tell(connection, message, operator, dry_run=dry_run))
    )
    click.echo(f"{message} {_outcome(done, dry_run=dry_run)}")


def _outcome(done: Done, *, dry_run: bool) -> str:
    if done.before:
        return f"was {done.action} before"
    return f"would be {done.action}" if dry_run else done.action


def _provided(at: datetime, here: Organisation) -> str:
    """Say since when a message is in a mailbox, and what that means for a decision (§ 9 OZG)."""
    day = at.astimezone(here.jurisdiction.time_zone).date()
    rule = NotificationRules.load().rule(
        here.jurisdiction.procedural_law, Channel.MAILBOX.value, day
    )
    since = f"in the mailbox since {moment(at)}, as its owner has signed"
    if rule is None:
        return since
    return (
        f"{since}; a decision provided so counts as notified on {rule.notified_on(day)} "
        f"({rule.citation})"
    )


def _left(one: Written) -> str:
    digest = f"hash {one.digest}; " if one.digest else ""
    if one.kept:
        return f"{digest}'gleichfall messages again {one.id}' writes it as it left"
    why = "its recipient was erased" if one.erased else "its retention has ended"
    return f"{digest}{why}: nothing else is left"


@click.command()
@json_option
def audit(*, as_json: bool) -> None:
    """Check that every message ends: none is left lying, none lives for ever.

    Counts all by state. A message that is due and that nobody took for 15 minutes, or that lives
    for more than 5 days, is told, and the command exits with 1. So are messages that wait because
    the mail server is away; they leave by themselves when it is back.

    \b
    Example:
        gleichfall messages audit
    """

    async def look(connection: Connection) -> tuple[list[Count], list[Overdue]]:
        return await store.counts(connection), await store.overdue(
            connection, TAKEN_WITHIN, ENDED_WITHIN
        )

    counted, overdue = asyncio.run(_on_database(look))
    amounts = Counter(dict.fromkeys(State, 0))
    for count in counted:
        amounts[count.state] += count.amount
    if as_json:
        show_json({"states": amounts, "overdue": [asdict(one) for one in overdue]})
    else:
        for state, amount in amounts.items():
            click.echo(f"{state:12} {amount:10,}")
        for one in overdue:
            click.echo(
                f"{one.amount:,} of {one.name} by {one.channel} are {one.state} since "
                f"{moment(one.since)} or later"
            )
    if overdue:
        raise MessagesOverdue(sum(one.amount for one in overdue))


async def _on_database(work: Callable[[Connection], Awaitable[Result]]) -> Result:
    async def connected(pool: Pool) -> Result:
        async with pool.acquire() as connection:
            return await work(connection)

    return await on_database("notify", connected)


def _to_whom(one: Written) -> str:
    return f", as {one.capacity}" if one.capacity else ""


def _tries(attempts: int) -> str:
    return f", {attempts} attempts" if attempts > 1 else ""
