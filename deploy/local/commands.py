"""`gleichfall up`, `down`, `status`, `env` and `doctor`."""

import os
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import click
from rich.text import Text

from deploy.local import disk, ending, presence, record, supervisor
from deploy.local import doctor as doctor_checks
from deploy.local import status as status_figures
from deploy.local.blocking import wait_for
from deploy.local.errors import NothingRuns
from deploy.local.folder import STACK
from deploy.local.services import is_service
from deploy.local.stack import Stack, StackOptions
from deploy.local.status import Progress
from deploy.standing.processes import Process
from services.controlling.periods.witness import reminder
from services.notify.gauges.store import Far
from shared.console import screen
from shared.console.options import json_option
from shared.errors import GleichfallError
from shared.kafka.settings import KafkaSettings
from shared.observe.reasons import reason_of
from shared.security.secrets import DIRECTORY_VARIABLE

PARTS = (
    "intake",
    "controlling",
    "notify",
    "workbench",
    "desk",
    "kafka",
    "postgres",
    "mail",
    "sms",
    "fake-fit-connect",
)
SENDERS_NEED = ("INTAKE_URL", DIRECTORY_VARIABLE)
"""What a shell is told; nothing that opens a door by itself."""


def _port_options(command: Callable[..., None]) -> Callable[..., None]:
    for part in reversed(PARTS):
        port = click.IntRange(1, 65_535)
        help_text = f"Port for {part}; a free one is found and kept without it."
        command = click.option(f"--{part}-port", type=port, help=help_text)(command)
    return command


@click.command()
@click.option("--detach", "-d", is_flag=True, help="Return when everything is ready.")
@click.option(
    "--workers",
    type=click.IntRange(1, 16),
    default=1,
    show_default=True,
    help="Processes each of controlling and of notify; they share Kafka's partitions.",
)
@_port_options
def up(*, detach: bool, workers: int, **ports: int | None) -> None:
    """Start Kafka, PostgreSQL, a mail server, the services and the pages on this machine.

    Everything runs as processes of this checkout with its data in `.local/`; nothing listens
    outside of 127.0.0.1. Ends with Ctrl-C or `gleichfall down`, and starts again with its data.

    With KAFKA_BOOTSTRAP_SERVERS, DATABASE_URL or SMTP_URL in the environment, that part is used
    and not started. GLEICHFALL_STACK_DIR names another folder than `.local/`: a second stack.
    GLEICHFALL_POLICY names the policy; without it, the stack goes on with the one named last.

    \b
    Examples:
        gleichfall up                       in the foreground, with the services' logs
        gleichfall up --detach --workers 2  in the background
        gleichfall up --intake-port 8080    fails when 8080 is busy
    """
    asked = {name.removesuffix("_port"): port for name, port in ports.items() if port is not None}
    options = StackOptions(workers=workers, asked_ports=asked)
    if (pid := presence.running(STACK)) is not None:
        click.echo(f"already running (process {pid})")
        if detach:
            supervisor.wait_until_ready(STACK)
    elif detach:
        supervisor.start_detached(STACK, options)
    else:
        _run_in_foreground(options)
        return
    _print_addresses()
    _invite()


@click.command()
def down() -> None:
    """Stop everything that `gleichfall up` has started here, gracefully; the data stays."""
    stopped = supervisor.stop(STACK)
    click.echo("stopped" if stopped else "nothing is running")


@click.command()
@json_option
def status(*, as_json: bool) -> None:
    """Show what runs, where, whether it is ready, and how far each service has come.

    The columns are rows still to do: `outbox` waits for Kafka, `parked` for an earlier event of
    its case, `dead letters` and `held` items for a person, `lag` for the service. Below is what
    each service has done since its database exists.

    \b
    --json prints one object:
        ready      true when every service process is; false when none runs
        addresses  address by part
        missing    by process: what it lacks and why; empty when it is ready
        services   by service: outbox, parked, dead_letters, held, lag, counts
        unwitnessed  by period to come that can still be witnessed: until when
        far        messages that wait for a time implausibly far: how many, the latest, its case
        last_stop  why the last run ended by itself; null when it was stopped, or one runs
        logs       the folder with what each process said in this run and in some before

    Exits with 1 when nothing runs or something isn't ready.
    """
    if not presence.is_ready(STACK):
        pid = presence.running(STACK)
        if as_json:
            screen.show_json(
                status_figures.document({}, [], [], {}, Far()) | {"ready": False} | _told()
            )
        else:
            nothing = "nothing is running: `gleichfall up`"
            click.echo(f"starting (process {pid})" if pid else nothing)
            if not pid and (reason := ending.told(STACK.ending)):
                click.echo(f"the last run ended by itself: {reason}")
        sys.exit(1)
    addresses = record.load(STACK.record).addresses
    processes = wait_for(status_figures.processes(addresses))
    if not as_json:
        _print_addresses(processes)
    database_url = presence.owner_database_url(STACK, os.environ)
    brokers = KafkaSettings(kafka_bootstrap_servers=addresses["kafka"]).brokers
    progress = wait_for(status_figures.progress(database_url, brokers))
    unwitnessed = wait_for(status_figures.unwitnessed(database_url, datetime.now(UTC)))
    far = wait_for(status_figures.far(database_url))
    if as_json:
        found = status_figures.document(addresses, processes, progress, unwitnessed, far)
        screen.show_json(found | _told())
    else:
        _print_progress(progress)
        for key, until in unwitnessed.items():
            click.echo(reminder(key, until))
        if keys := status_figures.unlisted_keys(progress):
            click.echo(f"{keys} keys in events are in no list: see 'gleichfall unlisted'")
        if far.messages:
            click.echo(far)
    if not all(process.ready for process in processes):
        sys.exit(1)


@click.command()
def env() -> None:
    """Print where intake and the secrets of the running stack are, as a shell reads it.

    \b
    Example:
        eval "$(gleichfall env)"
        curl "$INTAKE_URL/readyz"
    """
    found = presence.environment_of_running(STACK, os.environ)
    if not found:
        raise NothingRuns
    for name in SENDERS_NEED:
        click.echo(f"export {name}={shlex.quote(found[name])}")


@click.command()
def doctor() -> None:
    """Check what this machine has and lacks for `gleichfall up`, and say what to do.

    Changes nothing. Exits with 1 when something is missing.
    """
    findings = doctor_checks.examine(STACK, os.environ)
    table = screen.table("", "", "", headed=False)
    for finding in findings:
        verdict = Text("ok", "green") if finding.ok else Text("missing", "red")
        screen.add(table, verdict, finding.topic, finding.text)
    screen.show(table)
    if not all(finding.ok for finding in findings):
        sys.exit(1)


def _told() -> dict[str, str | None]:
    """Give what is left of runs: why the last one ended, and where all have logged."""
    return {"last_stop": ending.told(STACK.ending) or None, "logs": str(STACK.logs)}


def _run_in_foreground(options: StackOptions) -> None:
    end_like_ctrl_c()
    try:
        with Stack(STACK, options, report=click.echo) as stack:
            _print_addresses()
            _invite()
            stack.watch()
    except KeyboardInterrupt:
        click.echo("stopped")
    except (GleichfallError, OSError) as error:
        _note_ending(error)
        raise


def _note_ending(error: GleichfallError | OSError) -> None:
    """Leave word for `status`: the log may not have taken any more."""
    reason = reason_of(error)
    if disk.is_full(STACK.root):
        reason = f"the disk of {STACK.root} is full, make room; {reason}"
    with suppress(FileNotFoundError):  # it ended before it had begun
        ending.note(STACK.ending, reason)


def end_like_ctrl_c() -> None:
    """Let `down`, a closed terminal and Ctrl-C all end us by unwinding, in order."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a script's background
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means it
        signal.signal(signal.SIGHUP, signal.default_int_handler)


def _print_addresses(processes: Sequence[Process] = ()) -> None:
    addresses = record.load(STACK.record).addresses
    verdicts = {process.name: _verdict(process) for process in processes}
    width = max(map(len, addresses), default=0)
    # Two tables, so that the longest address doesn't leave the reasons a narrow column.
    services = screen.table("", "", "", headed=False)
    parts = screen.table("", "", headed=False)
    for table in (services, parts):
        table.columns[0].min_width = width
    for name, address in addresses.items():
        if is_service(name):
            screen.add(services, name, address, verdicts.get(name, ""))
        else:
            screen.add(parts, name, address)
    screen.show(services, parts)


def _invite() -> None:
    """Say how to sign in as one of the people whom a demo invented, where there are any."""
    if STACK.demo_password.exists():
        click.echo(f"invented people's password: {STACK.demo_password}")
        click.echo("their logins: gleichfall accounts list")


def _verdict(process: Process) -> Text:
    if process.ready:
        return Text("ready", "green")
    return Text("\n").join([Text("not ready", "red"), *map(Text, process.missing)])


def _print_progress(progress: Sequence[Progress]) -> None:
    names = ("outbox", "parked", "dead letters", "held", "lag")
    backlogs = screen.table("service", numbers=names)
    done = screen.table("", numbers=("",), headed=False)
    done.add_column()
    for one in progress:
        numbers = (one.outbox, one.parked, one.dead_letters, one.held, one.lag)
        screen.add(backlogs, one.service, *numbers)
        for number, (what, amount) in enumerate(one.counts.items()):
            name = one.service if number == 0 else ""
            screen.add(done, name, amount, what.replace("_", " "))
    screen.show("", backlogs, "", done)
