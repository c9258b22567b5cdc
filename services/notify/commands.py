"""`gleichfall messages`: the texts to applicants, for those who write them."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import click
from pydantic_core import to_json
from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from services.notify import store
from services.notify.channels.email.bounce_mail import read_report
from services.notify.channels.email.writing import page
from services.notify.channels.sms.alphabet import HOME, CostClass
from services.notify.contacts.vault import Vault
from services.notify.errors import MessagesOverdue, ReportUnreadable
from services.notify.messages.catalogue import BINDING_LANGUAGE, load_messages
from services.notify.messages.readability import JudgedText, judge_messages
from services.notify.messages.rendering import Rendered
from services.notify.messages.stationery import load_stationery
from services.notify.operation.interventions import Done, Operator, resend, stop, tell
from services.notify.operation.rereading import write_again
from services.notify.plain_language.rules import Finding
from services.notify.plain_language.wording import Wording, load_wording
from services.notify.preview.preview import marked, preview_letter, preview_sms
from services.notify.preview.preview import preview as render_preview
from services.notify.recipients.countries import country_of
from services.notify.reports.reasons import load_reasons
from services.notify.settings import Settings
from services.notify.states import State
from services.notify.store import Count, Overdue, Written
from shared.events.vocabulary import Channel
from shared.law.notification_rules import NotificationRules
from shared.organisation.file import load_organisation
from shared.organisation.model import Organisation
from shared.postgres.pool import Connection, open_pool
from shared.security.secrets import SecretName

TAKEN_WITHIN = timedelta(minutes=15)
ENDED_WITHIN = timedelta(days=5)

_ENDLESS = 1000
_MARKS = "<style>span{background:#ffec99}</style>\n"
_FORMS: Mapping[str, Callable[[Rendered], str]] = {
    "text": lambda rendered: f"{rendered.subject}\n\n{rendered.text}",
    "html": page,
    "marked": lambda rendered: page(replace(rendered, html=_MARKS + rendered.html)),
}
_ORGANISATION = click.option(
    "--organisation",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="GLEICHFALL_ORGANISATION",
    default=Path("deploy/organisation/karlsruhe.yaml"),
    show_default=True,
    help="The authority that writes; also taken from GLEICHFALL_ORGANISATION.",
)


_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_language_of_staff = click.option(
    "--language", type=click.Choice(["de", "en"]), default="de", show_default=True
)

Result = TypeVar("Result")


@click.group(name="messages")
def messages() -> None:
    """Read, try and check the texts that applicants get."""


@messages.command(name="list")
def list_messages() -> None:
    """List the messages: legal class, channels, languages and the event that causes them.

    \b
    Example:
        gleichfall messages list
    """
    table = Table("message", "legal class", "channels", "languages", "cause", box=box.SIMPLE)
    for name, kind in load_messages().by_name.items():
        about = kind.description
        ways = ", ".join(about.channels)
        causes = ", ".join(events.event for events in about.cause)
        table.add_row(name, about.legal_class, ways, ", ".join(kind.texts), causes)
    _print(table)


@messages.command()
@click.argument("name", metavar="NAME")
@click.option("--language", default=BINDING_LANGUAGE, show_default=True, help="As in `list`.")
@click.option(
    "--channel",
    type=click.Choice([channel.value for channel in Channel]),
    default=Channel.EMAIL.value,
    show_default=True,
    help="The way it travels.",
)
@click.option(
    "--as",
    "form",
    type=click.Choice(list(_FORMS)),
    default="text",
    show_default=True,
    help="Plain text, the page of an e-mail, or that page with a mark for each value.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write the text to this file (UTF-8) instead of the terminal.",
)
@click.option(
    "--to",
    default=HOME,
    show_default=True,
    metavar="COUNTRY",
    help="Where an SMS goes: AT, France.",
)
@_ORGANISATION
def preview(
    *,
    name: str,
    language: str,
    channel: str,
    form: str,
    out: Path | None,
    to: str,
    organisation: Path,
) -> None:
    """Show the message NAME as a recipient reads it, with the examples of its message.yaml.

    Nothing is sent. The first line is the subject. With --channel sms, the parts that a provider
    charges are told beside it, with their cost class: home, EU and EEA, or world. With --channel
    letter, --out names the PDF.

    \b
    Examples:
        gleichfall messages preview appointment_booked --language ar --as html --out mail.html
        gleichfall messages preview appointment_booked --channel letter --out letter.pdf
    """
    shipped = load_messages()
    if channel == Channel.LETTER and form == "text":
        if out is None:
            raise click.UsageError("a letter is a PDF: name its file with --out letter.pdf")
        there = load_organisation(organisation)
        letter = preview_letter(shipped, name, language, there, load_stationery())
        out.write_bytes(letter.content)
        click.echo(f"{letter.pages} page(s) in {out}")
        return
    if form == "marked":
        text = _FORMS[form](marked(shipped, name, language))
    elif channel == Channel.SMS:
        sms = preview_sms(shipped, name, language, load_organisation(organisation))
        if (country := country_of(to)) is None:
            raise click.UsageError(f"no country is called {to}; write its name or two letters")
        costs = CostClass.of(country)
        click.echo(f"{sms.alphabet.name}, {sms.parts} to pay for, class {costs}", err=True)
        text = f"{sms.text}\n"
    else:
        there = load_organisation(organisation)
        text = _FORMS[form](render_preview(shipped, name, language, Channel(channel), there))
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


@messages.command()
@_ORGANISATION
def check(organisation: Path) -> None:
    """Check that every German text is plain, and say what to change.

    Shows the Wiener Sachtextformeln 1 to 4 (the first at most 8), Amstad's reading ease (at least
    60), LIX (at most 40) and the words of the longest sentence (at most 20), then what breaks a
    rule. Leaves with 1 if any text fails.

    \b
    Example:
        gleichfall messages check
    """
    wording = load_wording()
    judged = list(judge_messages(load_messages(), wording, load_organisation(organisation)))
    _print(_measures(judged))
    for text in judged:
        for finding in text.verdict.findings:
            click.echo(f"{_title(text)}: {_advice(finding, wording)}")
    if not all(text.verdict.passed for text in judged):
        raise SystemExit(1)


@messages.command()
@click.argument("case_ref", metavar="CASE")
@_language_of_staff
@_json
def show(case_ref: str, language: str, *, as_json: bool) -> None:
    """Show what the applicant of CASE was told, was not told, and why.

    CASE is a pseudonym, as events and logs name it. Nobody's address is shown.

    \b
    Example:
        gleichfall messages show case-abcdefghijklmnopqrstuvwxyz
    """
    written = asyncio.run(_on_database(lambda connection: store.of_case(connection, case_ref)))
    if as_json:
        click.echo(to_json([asdict(one) for one in written]))
        return
    words, here = load_reasons()[language], load_organisation(Settings().organisation_file)
    for one in written:
        about = f"{one.name}, {one.channel}, {one.language}"
        click.echo(f"{_moment(one.planned_at)}  {about}  {one.id}")
        click.echo(f"{_moment(one.ended_at or one.next_at)}  {one.state}{_tries(one.attempts)}")
        if one.reason is not None:
            click.echo(f"    {words[one.reason].happened} {words[one.reason].advice}")
        if one.provided_at is not None:
            click.echo(f"    {_provided(one.provided_at, here)}")
        for done in one.interventions:
            successor = f" as {done.successor}" if done.successor else ""
            click.echo(f"    {done.action} by {done.by}{successor}, {_moment(done.at)}:")
            click.echo(f"        {done.because}")
        if one.digest is not None or one.erased:
            click.echo(f"    {_left(one)}")


@messages.command()
@click.argument("message", metavar="ID", type=click.UUID)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
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
    vault = Vault(Settings().secrets.key(SecretName.CONTACT_MASTER_KEY))
    content = asyncio.run(_on_database(lambda connection: write_again(connection, vault, message)))
    if out is not None:
        out.write_bytes(content)
    click.echo(f"{message}: the same {len(content):,} bytes as were handed over")


def _intervening(command: Callable[..., None]) -> Callable[..., None]:
    """Add what every command that intervenes needs."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Check everything, change nothing."),
        click.option("--reason", required=True, help="Why; kept in the database for the audit."),
        click.option("--by", required=True, help="Your key as an operator; kept likewise."),
        click.argument("message", metavar="ID", type=click.UUID),
    ):
        command = option(command)
    return command


@messages.command(name="resend")
@_intervening
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


@messages.command(name="stop")
@_intervening
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


@messages.command()
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help="At most so many.",
)
@_language_of_staff
@_json
def tasks(*, limit: int, language: str, as_json: bool) -> None:
    """List what a person must tell applicants, because no message reached them on any way.

    The oldest first. Nobody's name or address is shown: the file of the case has them. A task goes
    by itself when a message arrives after all.

    \b
    Example:
        gleichfall messages tasks --limit 20
    """
    found = asyncio.run(_on_database(lambda connection: store.tasks(connection, limit)))
    if as_json:
        click.echo(to_json([asdict(one) for one in found]))
        return
    if not found:
        click.echo("nobody waits to be told")
        return
    words = load_reasons()[language]
    for one in found:
        more = f" and {one.amount - 1} more" if one.amount > 1 else ""
        click.echo(f"{_moment(one.opened_at)}  {one.case_ref}  {one.name}{more}  {one.message}")
        click.echo(f"    {words[one.reason].happened} {words[one.reason].advice}")


@messages.command(name="told")
@_intervening
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
    since = f"in the mailbox since {_moment(at)}, as its owner has signed"
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


@messages.command()
@click.argument(
    "mail", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@_language_of_staff
@_ORGANISATION
def bounce(mail: Path, language: str, organisation: Path) -> None:
    """Show what a mail in FILE, one that came back, says of one of our messages.

    Nothing is written down. The service reads such mails by itself.

    \b
    Example:
        gleichfall messages bounce returned.eml
    """
    sender = Settings().sender(load_organisation(organisation))
    report = read_report(mail.read_bytes(), sender)
    if report is None:
        raise ReportUnreadable
    click.echo(f"{report.message}  {report.receipt.state}")
    if report.receipt.reason is not None:
        words = load_reasons()[language][report.receipt.reason]
        click.echo(f"    {words.happened} {words.advice}")


@messages.command()
@click.argument("selector")
@_ORGANISATION
def dkim(selector: str, organisation: Path) -> None:
    """Print the DNS record with which anybody can check our signatures, for a SELECTOR.

    Publish it, then set NOTIFY_DKIM_SELECTOR, and mails are signed.

    \b
    Example:
        gleichfall messages dkim march2026
    """
    settings = Settings(dkim_selector=selector)
    signer = settings.signer(load_organisation(organisation))
    assert signer is not None
    click.echo(signer.record)


@messages.command()
@_json
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
        click.echo(to_json({"states": amounts, "overdue": [asdict(one) for one in overdue]}))
    else:
        for state, amount in amounts.items():
            click.echo(f"{state:12} {amount:10,}")
        for one in overdue:
            click.echo(
                f"{one.amount:,} of {one.name} by {one.channel} are {one.state} since "
                f"{_moment(one.since)} or later"
            )
    if overdue:
        raise MessagesOverdue(sum(one.amount for one in overdue))


async def _on_database(work: Callable[[Connection], Awaitable[Result]]) -> Result:
    url = Settings().service_database_url("notify")
    async with (
        await open_pool(url, service="notify", process="messages", size=1) as pool,
        pool.acquire() as connection,
    ):
        return await work(connection)


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def _tries(attempts: int) -> str:
    return f", {attempts} attempts" if attempts > 1 else ""


def _measures(judged: Sequence[JudgedText]) -> Table:
    table = Table("text", box=box.SIMPLE)
    for heading in ("WSTF1", "2", "3", "4", "Amstad", "LIX", "longest"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for text in judged:
        measures = text.verdict.measures
        numbers = (f"{value:.1f}" for value in (*measures.wstf, measures.amstad, measures.lix))
        outcome = "passed" if text.verdict.passed else "failed"
        table.add_row(_title(text), *numbers, str(text.verdict.longest_sentence), outcome)
    return table


def _title(text: JudgedText) -> str:
    return f"{text.message} {text.reading}".rstrip()


def _advice(finding: Finding, wording: Wording) -> str:
    instead = f" ({finding.instead})" if finding.instead else ""
    return f"{finding.rule}: „{finding.quote}“ {wording.advice[finding.rule]}{instead}"


def _print(table: Table) -> None:
    """Print a table whole: what is cut off helps nobody, on a narrow terminal or in a pipe."""
    console = Console(highlight=False)
    endless = console.options.update(width=_ENDLESS)
    console.width = Measurement.get(console, endless, table).maximum
    console.print(table)
