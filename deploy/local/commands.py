"""`gleichfall up`, `down`, `status` and `doctor`."""

import os
import signal
import sys
from collections.abc import Callable

import click
from rich.console import Console
from rich.table import Table

from deploy.local import doctor as doctor_checks
from deploy.local import record, supervisor
from deploy.local import status as status_figures
from deploy.local.blocking import wait_for
from deploy.local.folder import CHECKOUT
from deploy.local.stack import Stack, StackOptions

PARTS = ("intake", "controlling", "notify", "kafka", "postgres", "mail")


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
    """Start Kafka, PostgreSQL, a mail server and the three services on this machine.

    Everything runs as processes of this checkout with its data in `.local/`; nothing listens
    outside of 127.0.0.1. Ends with Ctrl-C or `gleichfall down`, and starts again with its data.

    With KAFKA_BOOTSTRAP_SERVERS, DATABASE_URL or SMTP_URL in the environment, that part is used
    and not started.

    \b
    Examples:
        gleichfall up                       in the foreground, with the services' logs
        gleichfall up --detach --workers 2  in the background
        gleichfall up --intake-port 8080    fails when 8080 is busy
    """  # noqa: D301 - \b is click's mark for lines that are not to be joined
    asked = {name.removesuffix("_port"): port for name, port in ports.items() if port is not None}
    options = StackOptions(workers=workers, asked_ports=asked)
    if (pid := supervisor.running(CHECKOUT)) is not None:
        click.echo(f"already running (process {pid})")
    elif detach:
        supervisor.start_detached(CHECKOUT, options)
    else:
        _run_in_foreground(options)
        return
    _print_addresses()


@click.command()
def down() -> None:
    """Stop everything that `gleichfall up` has started here, gracefully; the data stays."""
    stopped = supervisor.stop(CHECKOUT)
    click.echo("stopped" if stopped else "nothing is running")


@click.command()
def status() -> None:
    """Show what runs, where, and how far each service has come.

    The columns are rows still to do: `outbox` waits for Kafka, `parked` for an earlier event of
    its case, `dead letters` for a person, `lag` for the service. Exits with 1 when nothing runs.
    """
    if not supervisor.is_ready(CHECKOUT):
        pid = supervisor.running(CHECKOUT)
        click.echo(f"starting (process {pid})" if pid else "nothing is running: `gleichfall up`")
        sys.exit(1)
    _print_addresses()
    _print_backlogs()


@click.command()
def doctor() -> None:
    """Check what this machine has and lacks for `gleichfall up`, and say what to do.

    Changes nothing. Exits with 1 when something is missing.
    """
    findings = doctor_checks.examine(CHECKOUT, os.environ)
    table = Table(box=None, show_header=False)
    for finding in findings:
        verdict = "[green]ok[/]" if finding.ok else "[red]missing[/]"
        table.add_row(verdict, finding.topic, finding.text)
    Console().print(table)
    if not all(finding.ok for finding in findings):
        sys.exit(1)


def _run_in_foreground(options: StackOptions) -> None:
    end_like_ctrl_c()
    try:
        with Stack(CHECKOUT, options, report=click.echo) as stack:
            _print_addresses()
            stack.watch()
    except KeyboardInterrupt:
        click.echo("stopped")


def end_like_ctrl_c() -> None:
    """Let `down`, a closed terminal and Ctrl-C all end us by unwinding, in order."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a script's background
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means it
        signal.signal(signal.SIGHUP, signal.default_int_handler)


def _print_addresses() -> None:
    table = Table(box=None, show_header=False)
    for name, address in record.load(CHECKOUT.record).addresses.items():
        table.add_row(name, address)
    Console().print(table)


def _print_backlogs() -> None:
    servers = record.load(CHECKOUT.record).addresses["kafka"]
    database_url = supervisor.owner_database_url(CHECKOUT, os.environ)
    table = Table("service", "outbox", "parked", "dead letters", "lag", box=None)
    for backlog in wait_for(status_figures.backlogs(database_url, servers)):
        numbers = (backlog.outbox, backlog.parked, backlog.dead_letters, backlog.lag)
        table.add_row(backlog.service, *map(str, numbers))
    Console().print(table)
