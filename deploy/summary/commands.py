"""`gleichfall summary` and `gleichfall run`."""

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import click
from rich.text import Text

from deploy.demo import people, proving
from deploy.demo.commands import living, report
from deploy.demo.promising import promise
from deploy.local import presence, record
from deploy.local.commands import end_like_ctrl_c
from deploy.local.folder import STACK
from deploy.local.stack import Stack, StackOptions
from deploy.summary.agreement import Comparison, compare
from deploy.summary.errors import NotRunning, NumbersDisagree, SimulationFailed
from deploy.summary.ledgers import Carriers, Ledgers, TopicReader, read_ledgers
from services.controlling.accounts.settings import AccountSettings
from services.controlling.policy.file import load_policy
from services.controlling.reviews.life import State
from services.intake.simulation.commands import FIRST_DAY, RATE
from services.notify.messages.catalogue import Messages, load_messages
from shared.configuration.places import (
    DEMO_POLICY,
    ORGANISATION,
    ORGANISATION_VARIABLE,
    POLICY,
    POLICY_VARIABLE,
)
from shared.console import screen
from shared.console.options import json_option
from shared.kafka.clients import reading_offsets
from shared.kafka.settings import KafkaSettings
from shared.organisation.file import load_organisation
from shared.postgres.command_pool import Result, on_database_at
from shared.postgres.pool import Pool, reaching
from shared.security.key_ring import KeyRing, read_keys
from shared.security.secrets import SecretName, SecretStore

# The books may differ while events are under way; they must not stay different and still.
_STILL = timedelta(seconds=30)
_LOOK = timedelta(seconds=1)


@click.command()
@json_option
def summary(*, as_json: bool) -> None:
    """Set the books of intake, Kafka, controlling, notify and its providers side by side.

    Each line is one number as two parts see it, the earlier one first. Waits as long as events are
    under way. Exits with 1 when the numbers then disagree.

    \b
    --json prints one object:
        agree        true when every comparison does
        comparisons  the lines of the table: what, upstream, upstream_count,
                     downstream, downstream_count, agrees
        accepted     events in intake's ledger, by type
        decisions    decisions registered by controlling
        drawn        decisions drawn, by chance or for what happened to them
        reasons      reasons for which they were drawn; one may have several
        reviews      reviews of them, by state
        days         days of which it is told how the service stood
        messages     messages to applicants, by channel and state
        mails        mails at the mail server; null when it isn't ours
        sms          SMS at the gateways; null when they aren't ours
        mailboxes    messages at the fake of FIT-Connect; null when it isn't that
        letters      letters at the simulated printer; null when it isn't ours
    """
    if not presence.is_ready(STACK):
        raise NotRunning
    _show(_settled(lambda: None), as_json=as_json)


@click.command()
@click.option("--once", is_flag=True, help="Stop after the summary instead of at Ctrl-C.")
@click.option("--weeks", type=click.IntRange(1, 520), default=4, show_default=True)
@click.option("--rate", type=RATE, default=1.0, show_default=True, help="1 is realistic.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same events.")
@click.option("--workers", type=click.IntRange(1, 16), default=1, show_default=True)
def run(*, once: bool, weeks: int, rate: float, seed: int, workers: int) -> None:
    """Start everything, play simulated weeks from HTTP to the mail server, and add them up.

    Keeps the system up until Ctrl-C, so that you can look around: `gleichfall status`,
    `gleichfall import FILE`, `gleichfall summary` in another terminal. Exits with 0 only when the
    numbers of all parts agree.
    """
    end_like_ctrl_c()
    invented = _lived_in(os.environ)
    try:
        with ExitStack() as undo:
            stack = None
            if presence.is_ready(STACK):
                click.echo("already running; using it")
            else:
                options, environment = (
                    StackOptions(workers=workers),
                    _environment(invented=invented),
                )
                stack = undo.enter_context(
                    Stack(STACK, options, report=click.echo, environment=environment)
                )
            check = stack.check if stack else lambda: None
            if invented:
                _promise(weeks)
            _simulate(check, weeks=weeks, rate=rate, seed=seed)
            if invented:
                _settled(check)
                _live(seed)
            _show(_settled(check), as_json=False)
            if invented:
                _prove()
                _invite()
            if stack and not once:
                click.echo("the system stays up; Ctrl-C stops it")
                stack.watch()
        if stack:
            click.echo("the system has ended; `gleichfall up --detach` starts it with its data")
    except KeyboardInterrupt:
        click.echo("stopped")


def _lived_in(environment: Mapping[str, str]) -> bool:
    """Whether invented people review: those there are work in the authority that is shipped."""
    if AccountSettings().production:
        return False
    if environment.get(ORGANISATION_VARIABLE) in (None, "", str(ORGANISATION)):
        return True
    click.echo("another authority than the shipped one: nobody is invented who reviews")
    return False


def _environment(*, invented: bool) -> Mapping[str, str]:
    """Tell services to draw by a policy that invented people can bear, unless one was named."""
    policy = record.load(STACK.record).policy or str(DEMO_POLICY)
    return {POLICY_VARIABLE: policy, **os.environ} if invented else os.environ


def _promise(weeks: int) -> None:
    """Let the authority promise its draws before its weeks, by a simulated clock of its own."""
    addresses = record.load(STACK.record).addresses
    policy = load_policy(Path(addresses.get("policy", POLICY)))
    last = FIRST_DAY + timedelta(weeks=weeks, days=-1)

    async def work(pool: Pool) -> None:
        key = KeyRing(SecretStore(STACK.secrets), SecretName.SEED_ENCRYPTION_KEY)
        await promise(pool, key, policy, FIRST_DAY, last)

    _as_controlling(work)


def _prove() -> None:
    """Show what the draw of a closed period proves, from its file alone."""
    key = read_keys(SecretStore(STACK.secrets), SecretName.DRAW_SIGNING_KEY).current
    zone = load_organisation(_organisation()).jurisdiction.time_zone

    async def work(pool: Pool) -> str | None:
        return await proving.exported(pool, STACK.draw, key, zone)

    if _as_controlling(work):
        proving.tell(STACK.draw)


def _simulate(check: Callable[[], None], *, weeks: int, rate: float, seed: int) -> None:
    """Run `gleichfall simulate` as its user would."""
    intake = record.load(STACK.record).addresses["intake"]
    click.echo(f"simulating {weeks} weeks")
    command = ["-m", "deploy.command_line", "simulate", "--url", intake]
    options = [f"--weeks={weeks}", f"--rate={rate}", f"--seed={seed}", f"--truth={STACK.truth}"]
    secrets = {"GLEICHFALL_SECRETS_DIR": str(STACK.secrets)}
    with subprocess.Popen(
        [sys.executable, *command, *options], env=os.environ | secrets
    ) as process:
        try:
            while process.poll() is None:
                check()
                time.sleep(_LOOK.total_seconds() / 5)
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise SimulationFailed(process.returncode)


def _live(seed: int) -> None:
    """Let invented people review what is drawn, as `gleichfall demo` does."""
    intake = record.load(STACK.record).addresses["intake"]
    report(_as_controlling(living(seed, SecretStore(STACK.secrets), intake)), as_json=False)


def _as_controlling(work: Callable[[Pool], Awaitable[Result]]) -> Result:
    server = presence.owner_database_url(STACK, os.environ)
    return asyncio.run(on_database_at(server, SecretStore(STACK.secrets), "controlling", work))


def _invite() -> None:
    """Say where the pages are, who may sign in, and what there is to be seen."""
    invented = people.invented()
    for process in ("workbench", "desk"):
        click.echo(f"{process:<11} {record.load(STACK.record).addresses[process]}")
    click.echo(f"password    {people.password_in(STACK.demo_password)}")
    table = screen.table("sign in as", "name", "and see")
    last = None
    for one in invented.people:
        screen.add(table, one.login, one.name, invented.sees[one.role] if one.role != last else "")
        last = one.role
    screen.show(table, whole=True)


def _settled(check: Callable[[], None]) -> tuple[Ledgers, list[Comparison]]:
    """Wait until the books agree and are still, or have been different and still for a while."""
    addresses = record.load(STACK.record).addresses
    database_url = presence.owner_database_url(STACK, os.environ)
    with asyncio.Runner() as runner:
        return runner.run(_settle(database_url, addresses, check))


async def _settle(
    database_url: str, addresses: Mapping[str, str], check: Callable[[], None]
) -> tuple[Ledgers, list[Comparison]]:
    shipped = load_messages()
    later = [name for name, kind in shipped.by_name.items() if kind.description.leaves]
    places = (addresses.get(name) for name in ("maildir", "sms", "fake-fit-connect", "printer"))
    carriers = Carriers(*(Path(place) if place else None for place in places))
    brokers = KafkaSettings(kafka_bootstrap_servers=addresses["kafka"]).brokers
    with reaching(database_url):
        connection = await asyncpg.connect(database_url, timeout=10)
    try:
        async with reading_offsets(brokers) as consumer:
            topics = TopicReader(consumer)
            await topics.start()
            before, since = None, time.monotonic()
            with screen.waiting("waiting for what is under way") as tell:
                while True:
                    check()
                    ledgers = await read_ledgers(connection, topics, carriers, later)
                    comparisons = compare(ledgers, told_at_once(shipped))
                    moving, before = ledgers != before, ledgers
                    if moving:
                        since = time.monotonic()
                    open_rows = [row for row in comparisons if not row.agrees]
                    still = time.monotonic() - since > _STILL.total_seconds()
                    if still or not (open_rows or moving):
                        return ledgers, comparisons
                    tell(f"under way: {_progress(open_rows)}")
                    await asyncio.sleep(_LOOK.total_seconds())
    finally:
        await connection.close()


def _progress(rows: list[Comparison]) -> str:
    return ", ".join(
        f"{row.downstream} {row.downstream_count:,} of {row.upstream_count:,}" for row in rows
    )


def _show(found: tuple[Ledgers, list[Comparison]], *, as_json: bool) -> None:
    ledgers, comparisons = found
    wrong = [row for row in comparisons if not row.agrees]
    if as_json:
        screen.show_json(_document(ledgers, comparisons))
    else:
        _print_table(comparisons)
        _print_reviews(ledgers)
        _print_messages(ledgers)
        if ledgers.service_days:
            click.echo(f"service figures: {ledgers.service_days:,} days counted, shown at /today")
        zone = load_organisation(_organisation()).jurisdiction.time_zone
        for line in waiting_for_the_hour(ledgers.resting, ledgers.rest_until, zone):
            click.echo(line)
        if not wrong:
            click.echo("all numbers agree")
    if wrong:
        raise NumbersDisagree(wrong)


def _document(ledgers: Ledgers, comparisons: Sequence[Comparison]) -> dict[str, object]:
    return {
        "agree": all(row.agrees for row in comparisons),
        "comparisons": [asdict(row) | {"agrees": row.agrees} for row in comparisons],
        "accepted": dict(sorted(ledgers.accepted.items())),
        "decisions": ledgers.decisions,
        "drawn": ledgers.reviews.drawn,
        "reasons": ledgers.reasons,
        "reviews": _by_state(ledgers),
        "days": ledgers.service_days,
        "messages": _by_channel(ledgers),
        "mails": ledgers.mails,
        "sms": ledgers.texts,
        "mailboxes": ledgers.submissions,
        "letters": ledgers.letters,
    }


def _by_channel(ledgers: Ledgers) -> dict[str, dict[str, int]]:
    """Count the messages of each channel by state."""
    counts: dict[str, dict[str, int]] = {}
    for (_, channel, state), amount in sorted(ledgers.messages.items()):
        states = counts.setdefault(channel.value, {})
        states[state] = states.get(state, 0) + amount
    return counts


def _by_state(ledgers: Ledgers) -> dict[str, int]:
    """Count reviews by state, whichever of a decision's they are: who assigns isn't told either."""
    states = Counter[str]()
    for (_, state), amount in ledgers.reviews.states.items():
        states[state] += amount
    return {state.value: states[state.value] for state in State if states[state.value]}


def _print_reviews(ledgers: Ledgers) -> None:
    states = _by_state(ledgers)
    if states:
        table = screen.table("", numbers=list(states))
        screen.add(table, "reviews", *states.values())
        screen.show(table)


def _print_messages(ledgers: Ledgers) -> None:
    counts = _by_channel(ledgers)
    table = screen.table("messages", numbers=list(counts))
    for state in sorted({state for states in counts.values() for state in states}):
        screen.add(table, state, *(counts[channel].get(state, 0) for channel in counts))
    screen.show(table)


def waiting_for_the_hour(
    amount: int, first_leaves: datetime | None, zone: ZoneInfo
) -> Iterator[str]:
    """Say what waits for the hour alone, so that nobody looks for what is missing."""
    if first_leaves is not None:
        yield (
            f"{amount:,} SMS wait until {first_leaves.astimezone(zone):%Y-%m-%d %H:%M %Z}: no "
            "phone rings at night, on Sundays and on days off (NOTIFY_SMS_QUIET_HOURS)"
        )


def _organisation() -> Path:
    return Path(os.environ.get(ORGANISATION_VARIABLE) or ORGANISATION)


def _print_table(comparisons: Sequence[Comparison]) -> None:
    table = screen.table("", "upstream says", "", "downstream says", "", "")
    table.columns[2].justify = table.columns[4].justify = "right"
    last = None
    for row in comparisons:
        screen.add(
            table,
            row.what if row.what != last else "",
            row.upstream,
            row.upstream_count,
            row.downstream,
            row.downstream_count,
            Text("agree", "green") if row.agrees else Text("differ", "red"),
        )
        last = row.what
    screen.show(table, whole=True)


def told_at_once(messages: Messages) -> list[str]:
    """Give the events that ask for a message at once, and not only for a day to come."""
    return [
        event
        for event, kinds in messages.by_cause.items()
        if any(kind.description.leaves is None for kind in kinds)
    ]
