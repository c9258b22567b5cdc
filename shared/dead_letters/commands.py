"""`gleichfall dead-letters` and `gleichfall parked`."""

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import click

from shared.configuration.places import SERVICES
from shared.console import screen
from shared.console.options import database_option, json_option, service_option, settling
from shared.dead_letters import settlement, store
from shared.dead_letters.errors import DeadLetterUnknown
from shared.dead_letters.settlement import Operator, Outcome, Repair
from shared.dead_letters.store import DeadLetter, Filter, Gap, State
from shared.events.errors import Defect
from shared.events.registry import Topic
from shared.kafka.records import Record
from shared.postgres.pool import operator_connection

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_ANY = "any"


class Age(click.ParamType[timedelta]):
    """A time span such as 90s, 30m, 12h or 7d."""

    name = "AGE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read a number and its unit."""
        found = re.fullmatch(r"([0-9]{1,6})([smhd])", str(value))
        if found is None:
            self.fail(f"{value!r} is not an age; write it as 90s, 30m, 12h or 7d", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


topic_option = click.option("--topic", type=click.Choice([str(topic) for topic in Topic]))
case_option = click.option("--case", "subject", metavar="CASE", help="Only this case.")


@click.group("dead-letters")
def dead_letters() -> None:
    """See and settle the records that a service gave up on.

    A dead letter stays open until it is replayed or discarded, or acknowledged where somebody else
    wrote it; meanwhile the later events of its case wait. What is settled stays so, with who did
    it: another act on it leaves with 3. docs/operations/dead-letters.md leads through it.
    """


@dead_letters.command("list")
@service_option
@topic_option
@click.option("--defect", type=click.Choice([str(defect) for defect in Defect]))
@case_option
@click.option("--older-than", type=Age(), help="Given up on longer ago, e.g. 30m, 12h, 7d.")
@click.option(
    "--state",
    type=click.Choice([*(state.value for state in State), _ANY]),
    default=State.OPEN.value,
    show_default=True,
)
@json_option
@database_option
def list_letters(
    *,
    service: str | None,
    topic: str | None,
    defect: str | None,
    subject: str | None,
    older_than: timedelta | None,
    state: str,
    as_json: bool,
    database_url: str,
) -> None:
    """List dead letters by service, in the order of their topic; open ones unless --state.

    \b
    --json prints one object:
        dead_letters  id, service, topic, partition, offset, case, sequence, defect,
                      reason, attempts, failed_at, state, settled_at, settled_by,
                      settled_because, earlier
    """
    wanted = Filter(
        state=None if state == _ANY else State(state),
        topic=topic,
        defect=defect,
        subject=subject,
        older_than=older_than,
    )
    found = asyncio.run(_find(database_url, wanted, service))
    if as_json:
        screen.show_json({"dead_letters": [_about(letter) for letter in found]})
    else:
        _print_letters(found)


@dead_letters.command()
@click.argument("letter_id", metavar="ID", type=click.UUID)
@click.option("--value", is_flag=True, help="Print the bare value, to repair it in a file.")
@json_option
@database_option
def show(*, letter_id: UUID, value: bool, as_json: bool, database_url: str) -> None:
    """Show a dead letter whole: the record, what was wrong, and what became of it.

    Where several services gave up on the same record, each has its own entry under the same ID.
    With --json, a header or value that isn't UTF-8 is given as {"base64": ...}.
    """
    found = asyncio.run(_find(database_url, Filter(id=letter_id), None))
    if not found:
        raise DeadLetterUnknown(letter_id)
    record = found[0].record
    if value:
        click.echo(record.value or b"", nl=False)
        return
    if as_json:
        entries = [_about(letter) for letter in found]
        screen.show_json({"dead_letters": entries, "record": _content(record)})
        return
    for letter in found:
        _print_pairs(_about(letter))
    _print_pairs(_content(record))


@dead_letters.command()
@settling
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the repaired value; for one ID.",
)
@click.option("--header", "headers", multiple=True, metavar="NAME=VALUE", help="Set a header.")
@click.option("--drop-header", "dropped", multiple=True, metavar="NAME", help="Leave a header out.")
def replay(
    *,
    ids: Sequence[UUID],
    data: Path | None,
    headers: Sequence[str],
    dropped: Sequence[str],
    by: str,
    reason: str,
    dry_run: bool,
    database_url: str,
) -> None:
    """Send dead letters again, repaired or as they are, each at its old place in its case.

    Who has applied that place drops it; who waits for it applies it and all that is parked behind
    it. A record that would be given up on again is refused. Interrupt and repeat at will.

    \b
    Examples:
        gleichfall dead-letters replay ID --by ops-7 --reason "handler fixed in 1.4.2"
        gleichfall dead-letters replay ID --data repaired.json --by ops-7 --reason "cut off"
    """
    if data is not None and len(ids) > 1:
        raise click.UsageError("--data repairs one record; name one ID")
    value = None if data is None else data.read_bytes()
    repair = Repair(value, dict(map(_header, headers)), frozenset(dropped))
    act = partial(settlement.replay, repair=repair, operator=Operator(by, reason), dry_run=dry_run)
    _with_each(ids, act, database_url, dry_run=dry_run)


@dead_letters.command()
@settling
@click.option(
    "--sequence",
    type=click.IntRange(1),
    help="The record's place in its case, where its own header can't be read; for one ID.",
)
def discard(
    *,
    ids: Sequence[UUID],
    sequence: int | None,
    by: str,
    reason: str,
    dry_run: bool,
    database_url: str,
) -> None:
    """Give dead letters up for ever; what waits behind them goes on without them.

    Where a case waits for the record, an event takes its place that says so and changes nothing.
    This can't be undone. Interrupt and repeat at will.

    \b
    Example:
        gleichfall dead-letters discard ID --by ops-7 --reason "sent twice by the old system"
    """
    if sequence is not None and len(ids) > 1:
        raise click.UsageError("--sequence is the place of one record; name one ID")
    operator = Operator(by, reason)
    act = partial(settlement.discard, operator=operator, sequence=sequence, dry_run=dry_run)
    _with_each(ids, act, database_url, dry_run=dry_run)


@dead_letters.command()
@settling
def acknowledge(
    *, ids: Sequence[UUID], by: str, reason: str, dry_run: bool, database_url: str
) -> None:
    """Close the entries of records that somebody else wrote on a topic of ours.

    Only of those that claim a place which was never given out: nothing is sent, and the place stays
    free for the event to come. The entry stays, with your key and the reason.

    \b
    Example:
        gleichfall dead-letters acknowledge ID --by ops-7 --reason "test of a vendor, ticket 4711"
    """
    act = partial(settlement.acknowledge, operator=Operator(by, reason), dry_run=dry_run)
    _with_each(ids, act, database_url, dry_run=dry_run)


@dead_letters.command()
@settling
def reopen(*, ids: Sequence[UUID], by: str, reason: str, dry_run: bool, database_url: str) -> None:
    """Open entries again whose record was sent once more and never arrived.

    That is so when it has left the outbox and its place is still empty: 'gleichfall reconcile'
    calls it missing. Then replay or discard it as at first.

    \b
    Example:
        gleichfall dead-letters reopen ID --by ops-7 --reason "Kafka was restored from Friday"
    """
    act = partial(settlement.reopen, operator=Operator(by, reason), dry_run=dry_run)
    _with_each(ids, act, database_url, dry_run=dry_run)


@click.group()
def parked() -> None:
    """See what waits for an earlier event of its case."""


@parked.command("list")
@service_option
@topic_option
@case_option
@json_option
@database_option
def list_parked(
    *,
    service: str | None,
    topic: str | None,
    subject: str | None,
    as_json: bool,
    database_url: str,
) -> None:
    """List the cases with parked events: which event they wait for, since when and why.

    \b
    --json prints one object:
        parked  service, topic, case, awaited, waiting, since, dead_letter, reason
    """

    async def look() -> list[Gap]:
        async with operator_connection(database_url) as connection:
            return await store.gaps(connection, _only(service), topic, subject)

    found = asyncio.run(look())
    if as_json:
        screen.show_json({"parked": [_about_gap(gap) for gap in found]})
    else:
        _print_gaps(found)


async def _find(database_url: str, wanted: Filter, service: str | None) -> list[DeadLetter]:
    async with operator_connection(database_url) as connection:
        return await store.find(connection, wanted, _only(service))


def _only(service: str | None) -> Sequence[str]:
    return SERVICES if service is None else (service,)


def _header(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f"--header {text!r} is not NAME=VALUE")
    return name, value


def _with_each(
    ids: Sequence[UUID],
    act: Callable[[asyncpg.Connection, UUID], Awaitable[Outcome]],
    database_url: str,
    *,
    dry_run: bool,
) -> None:
    async def work() -> None:
        async with operator_connection(database_url) as connection:
            for one in ids:
                outcome = await act(connection, one)
                would = "would be " if dry_run and outcome is not Outcome.SETTLED_BEFORE else ""
                click.echo(f"{one} {would}{outcome}")

    asyncio.run(work())


def _about(letter: DeadLetter) -> dict[str, Any]:
    record, settled = letter.record, letter.settlement
    return {
        "id": str(letter.id),
        "service": letter.service,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "case": letter.subject,
        "sequence": letter.sequence,
        "defect": letter.defect,
        "reason": letter.reason,
        "attempts": letter.attempts,
        "failed_at": letter.failed_at.isoformat(),
        "state": letter.state.value,
        "settled_at": settled and settled.at.isoformat(),
        "settled_by": settled and settled.by,
        "settled_because": settled and settled.because,
        "earlier": [f"{one.at:%F %T} UTC {one.by}: {one.because}" for one in letter.earlier],
    }


def _content(record: Record) -> dict[str, Any]:
    return {
        "key": _readable(record.key),
        "headers": [[name, _readable(value)] for name, value in record.headers],
        "value": _readable(record.value),
    }


def _readable(raw: bytes | None) -> str | dict[str, str] | None:
    if raw is None:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(raw).decode()}


def _about_gap(gap: Gap) -> dict[str, Any]:
    return {
        "service": gap.service,
        "topic": gap.topic,
        "case": gap.subject,
        "awaited": gap.awaited,
        "waiting": gap.waiting,
        "since": gap.since.isoformat(),
        "dead_letter": gap.dead_letter and str(gap.dead_letter),
        "reason": gap.reason,
    }


def _print_letters(found: Sequence[DeadLetter]) -> None:
    for letter in found:
        case, place = letter.subject or "unknown case", letter.sequence or "?"
        click.echo(f"{letter.id}  {letter.service}  {case}  event {place}  {letter.state}")
        click.echo(f"    {letter.failed_at:%F %T} UTC  {_plain(letter.reason)}")
    if not found:
        click.echo("no dead letters")


def _print_gaps(found: Sequence[Gap]) -> None:
    for gap in found:
        since = f"{gap.waiting:,} parked since {gap.since:%F %T} UTC"
        click.echo(f"{gap.service}  {gap.subject}  waits for event {gap.awaited}, {since}")
        click.echo(f"    {gap.reason}{f' ({gap.dead_letter})' if gap.dead_letter else ''}")
    if not found:
        click.echo("nothing is parked")


def _print_pairs(pairs: dict[str, Any]) -> None:
    for name, value in pairs.items():
        for line in value if isinstance(value, list) else [[value]]:
            click.echo(f"{name:<16} {' = '.join(map(_plain, line))}")


def _plain(value: object) -> str:
    """Show what others wrote without letting it steer the terminal."""
    text = "" if value is None else str(value)
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
