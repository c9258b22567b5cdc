"""`gleichfall summary` and `gleichfall run`."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import asyncpg
import click
from aiokafka import AIOKafkaConsumer
from rich.console import Console
from rich.table import Table

from deploy.local import record, supervisor
from deploy.local.commands import end_like_ctrl_c
from deploy.local.folder import STACK
from deploy.local.stack import Stack, StackOptions
from deploy.summary.agreement import Comparison, compare
from deploy.summary.errors import NotRunning, NumbersDisagree, SimulationFailed
from deploy.summary.ledgers import Carriers, Ledgers, TopicReader, read_ledgers
from services.notify.messages.catalogue import load_messages

# The books may differ while events are under way; they must not stay different and still.
_STILL = timedelta(seconds=30)
_LOOK = timedelta(seconds=1)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
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
        draws        decisions drawn
        messages     messages to applicants, by channel and state
        mails        mails at the mail server; null when it isn't ours
        sms          SMS at the gateways; null when they aren't ours
        mailboxes    messages at the fake of FIT-Connect; null when it isn't that
        letters      letters at the simulated printer; null when it isn't ours
    """
    if not supervisor.is_ready(STACK):
        raise NotRunning
    _show(_settled(lambda: None, quiet=as_json), as_json=as_json)


@click.command()
@click.option("--once", is_flag=True, help="Stop after the summary instead of at Ctrl-C.")
@click.option("--weeks", type=click.IntRange(1, 520), default=4, show_default=True)
@click.option("--rate", type=float, default=1.0, show_default=True, help="1 is realistic.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same events.")
@click.option("--workers", type=click.IntRange(1, 16), default=1, show_default=True)
def run(*, once: bool, weeks: int, rate: float, seed: int, workers: int) -> None:
    """Start everything, play simulated weeks from HTTP to the mail server, and add them up.

    Keeps the system up until Ctrl-C, so that you can look around: `gleichfall status`,
    `gleichfall import FILE`, `gleichfall summary` in another terminal. Exits with 0 only when the
    numbers of all parts agree.
    """
    end_like_ctrl_c()
    try:
        with ExitStack() as undo:
            stack = None
            if supervisor.is_ready(STACK):
                click.echo("already running; using it")
            else:
                options = StackOptions(workers=workers)
                stack = undo.enter_context(Stack(STACK, options, report=click.echo))
            check = stack.check if stack else lambda: None
            _simulate(check, weeks=weeks, rate=rate, seed=seed)
            _show(_settled(check), as_json=False)
            if stack and not once:
                click.echo("the system stays up; Ctrl-C stops it")
                stack.watch()
    except KeyboardInterrupt:
        click.echo("stopped")


def _simulate(check: Callable[[], None], *, weeks: int, rate: float, seed: int) -> None:
    """Run `gleichfall simulate` as its user would."""
    intake = record.load(STACK.record).addresses["intake"]
    click.echo(f"simulating {weeks} weeks")
    command = ["-m", "deploy.command_line", "simulate", "--url", intake]
    options = [f"--weeks={weeks}", f"--rate={rate}", f"--seed={seed}"]
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


def _settled(check: Callable[[], None], *, quiet: bool = False) -> tuple[Ledgers, list[Comparison]]:
    """Wait until the books agree and are still, or have been different and still for a while."""
    addresses = record.load(STACK.record).addresses
    database_url = supervisor.owner_database_url(STACK, os.environ)
    with asyncio.Runner() as runner:
        return runner.run(_settle(database_url, addresses, check, quiet=quiet))


async def _settle(
    database_url: str, addresses: Mapping[str, str], check: Callable[[], None], *, quiet: bool
) -> tuple[Ledgers, list[Comparison]]:
    shipped = load_messages()
    later = [name for name, kind in shipped.by_name.items() if kind.description.leaves]
    places = (addresses.get(name) for name in ("maildir", "sms", "fake-fit-connect", "printer"))
    carriers = Carriers(*(Path(place) if place else None for place in places))
    connection = await asyncpg.connect(database_url, timeout=10)
    consumer = AIOKafkaConsumer(bootstrap_servers=addresses["kafka"], enable_auto_commit=False)
    topics = TopicReader(consumer)
    try:
        await topics.start()
        before, since = None, time.monotonic()
        with Console(stderr=True, quiet=quiet).status("waiting for what is under way") as shown:
            while True:
                check()
                ledgers = await read_ledgers(connection, topics, carriers, later)
                comparisons = compare(ledgers, list(shipped.by_cause))
                moving, before = ledgers != before, ledgers
                if moving:
                    since = time.monotonic()
                open_rows = [row for row in comparisons if not row.agrees]
                still = time.monotonic() - since > _STILL.total_seconds()
                if still or not (open_rows or moving):
                    return ledgers, comparisons
                shown.update(f"under way: {_progress(open_rows)}")
                await asyncio.sleep(_LOOK.total_seconds())
    finally:
        await consumer.stop()
        await connection.close()


def _progress(rows: list[Comparison]) -> str:
    return ", ".join(
        f"{row.downstream} {row.downstream_count:,} of {row.upstream_count:,}" for row in rows
    )


def _show(found: tuple[Ledgers, list[Comparison]], *, as_json: bool) -> None:
    ledgers, comparisons = found
    wrong = [row for row in comparisons if not row.agrees]
    if as_json:
        click.echo(json.dumps(_document(ledgers, comparisons)))
    else:
        _print_table(comparisons)
        _print_messages(ledgers)
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
        "draws": ledgers.draws,
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


def _print_messages(ledgers: Ledgers) -> None:
    counts = _by_channel(ledgers)
    table = Table(box=None, header_style="dim")
    table.add_column("messages", no_wrap=True)
    for channel in counts:
        table.add_column(channel, justify="right")
    for state in sorted({state for states in counts.values() for state in states}):
        amounts = (counts[channel].get(state, 0) for channel in counts)
        table.add_row(state, *(f"{amount:,}" for amount in amounts))
    Console().print(table)


def _print_table(comparisons: Sequence[Comparison]) -> None:
    table = Table(box=None, header_style="dim")
    for name in ("", "upstream says", "", "downstream says", "", ""):
        table.add_column(name, justify="left" if name else "right", no_wrap=True)
    table.columns[0].justify = table.columns[-1].justify = "left"
    last = None
    for row in comparisons:
        table.add_row(
            row.what if row.what != last else "",
            row.upstream,
            f"{row.upstream_count:,}",
            row.downstream,
            f"{row.downstream_count:,}",
            "[green]agree[/]" if row.agrees else "[red]differ[/]",
        )
        last = row.what
    Console().print(table)
