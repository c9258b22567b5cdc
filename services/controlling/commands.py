"""`gleichfall draw`: the end of a review period, and the proof that its draw was fair."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import click
from cryptography.x509 import Certificate
from pydantic_core import to_json
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from services.controlling import store
from services.controlling.closing import Closer
from services.controlling.errors import DrawDiffers
from services.controlling.export import Description, describe, export, stamp_of, verify_file
from services.controlling.sampling.verification import Report
from services.controlling.settings import Settings
from services.controlling.store import PeriodSummary
from shared.events.catalogue.review import ReviewPeriodClosed
from shared.postgres.pool import Pool, open_pool
from shared.security.secrets import SecretName
from shared.security.time_stamps import TimeStampInvalid, certificates

Result = TypeVar("Result")
_console = Console(stderr=True)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def draw() -> None:
    """Close a review period, export its draw, and verify it.

    What an export proves, and how to check it without this program, is told to auditors in
    docs/guide/auditors/README.md.
    """


@draw.command()
@click.argument("period", metavar="PERIOD")
def close(period: str) -> None:
    """Close PERIOD (like 2026-05) now instead of when its days of grace are over.

    Tops each stratum up to its minimum, reveals the seed and publishes the counts. The period must
    be over. What arrives afterwards is counted as late and never drawn at random.

    Example: gleichfall draw close 2026-05
    """
    settings = Settings()
    key = settings.secrets.key(SecretName.SEED_ENCRYPTION_KEY).get_secret_value()
    zone = settings.time_zone

    async def work(pool: Pool) -> ReviewPeriodClosed:
        return await Closer(pool, key, zone).close(period, datetime.now(UTC))

    with _console.status(f"closing {period}"):
        closed = asyncio.run(with_pool(settings, work))
    click.echo(
        f"closed {closed.period}: {sum(count.size for count in closed.strata)} decisions in "
        f"{len(closed.strata)} strata, {sum(count.drawn for count in closed.strata)} drawn"
    )


@draw.command(name="export")
@click.argument("period", metavar="PERIOD", required=False)
@click.option("--last-closed", is_flag=True, help="The last period that is closed.")
@click.option("--out", type=_FILE, required=True, help="The file to write (JSON Lines).")
def export_command(period: str | None, out: Path, *, last_closed: bool) -> None:
    """Write the whole draw of a closed PERIOD into one signed file.

    It holds frame, seed, commitment, policy, tickets and draws, and nobody's name or pseudonym
    but the decisions' own.

    Example: gleichfall draw export --last-closed --out draw.jsonl
    """
    if (period is None) != last_closed:
        raise click.UsageError("name a PERIOD or say --last-closed")
    settings = Settings()
    key = settings.secrets.key(SecretName.DRAW_SIGNING_KEY).get_secret_value()
    zone = settings.time_zone

    async def work(pool: Pool) -> str:
        with _progress("exporting") as told:
            return await export(pool, period, out, key, zone, told=told)

    click.echo(f"wrote the draw of {asyncio.run(with_pool(settings, work))} to {out}")


@draw.command()
@click.argument("file", metavar="FILE", type=_FILE)
@click.option(
    "--time-stamp-certificate",
    "certificate",
    type=_FILE,
    help="The time stamping service's certificate (PEM); checks who stamped the commitment.",
)
def verify(file: Path, certificate: Path | None) -> None:
    """Replay the draw in FILE, offline, and say what differs.

    Exits with 1 when anything does. Compare the key, the commitment and the counts with what
    was published, too: see docs/guide/auditors/README.md.

    Example: gleichfall draw verify draw.jsonl
    """
    roots = certificates(certificate)
    with _progress("verifying") as told:
        report = verify_file(file, told)
    click.echo(
        f"period {report.period}: {report.decisions} decisions, {report.drawn} drawn, "
        f"{report.late} late"
    )
    click.echo(f"signed with {report.public_key}")
    differences = [*report.differences, *_stamped(report, roots)]
    for difference in differences:
        click.echo(difference)
    if differences:
        raise DrawDiffers(len(differences))
    click.echo("the draw is what seed and policy give")


@draw.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per period.")
def list_command(*, as_json: bool) -> None:
    """List all review periods: open or closed, how many decisions, how many drawn.

    Example: gleichfall draw list
    """
    periods = asyncio.run(with_pool(Settings(), _periods))
    if as_json:
        for one in periods:
            click.echo(to_json(one))
        return
    table = Table(box=None)
    table.add_column("period", no_wrap=True)
    table.add_column("state")
    for name in ("decisions", "drawn", "late"):
        table.add_column(name, justify="right")
    table.add_column("policy")
    table.add_column("time stamp")
    for one in periods:
        state = f"closed on {one.closed_at:%Y-%m-%d}" if one.closed_at else "open"
        amounts = (f"{amount:,}" for amount in (one.decisions, one.drawn, one.late))
        stamped = "yes" if one.stamped else "no"
        table.add_row(one.key, state, *amounts, one.policy_version, stamped)
    Console().print(table)
    if not periods:
        click.echo("no decision was registered yet; a period opens with its first decision")


@draw.command()
@click.argument("period", metavar="PERIOD")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(period: str, *, as_json: bool) -> None:
    """Show PERIOD: its commitment, its seed once that is public, and each stratum's counts.

    Example: gleichfall draw show 2026-05
    """

    async def work(pool: Pool) -> Description:
        return await describe(pool, period)

    one = asyncio.run(with_pool(Settings(), work))
    if as_json:
        click.echo(to_json(one))
        return
    click.echo(f"period {one.period}: {one.first_day} to {one.last_day}, policy {one.policy}")
    click.echo(f"commitment {one.commitment}")
    click.echo(f"seed {one.seed}" if one.seed else "the seed is secret until the period is closed")
    table = Table(box=None)
    table.add_column("stratum", no_wrap=True)
    table.add_column("decisions", justify="right")
    table.add_column("drawn", justify="right")
    for count in one.strata:
        table.add_row(count.stratum, f"{count.size:,}", f"{count.drawn:,}")
    Console().print(table)


def _stamped(report: Report, roots: Sequence[Certificate]) -> list[str]:
    """Tell of the time stamp; gives what is wrong with it."""
    try:
        stamp = stamp_of(report, roots)
    except TimeStampInvalid as error:
        return [str(error)]
    if stamp is not None:
        trusted = "" if stamp.trusted else ", unchecked: name --time-stamp-certificate"
        click.echo(f"time stamp {stamp.at:%Y-%m-%d %H:%M:%S} UTC by {stamp.authority}{trusted}")
    elif roots:
        return ["there is no time stamp to check"]
    return []


async def _periods(pool: Pool) -> list[PeriodSummary]:
    async with pool.acquire() as connection:
        return await store.summaries(connection)


@contextmanager
def _progress(said: str) -> Iterator[Callable[[int], None]]:
    """Show how many decisions are done, while it lasts."""
    columns = (SpinnerColumn(), TextColumn(said), TextColumn("{task.completed:,} decisions"))
    with Progress(*columns, console=_console, transient=True) as progress:
        task = progress.add_task(said, total=None)
        yield lambda done: progress.update(task, completed=done)


async def with_pool(settings: Settings, work: Callable[[Pool], Awaitable[Result]]) -> Result:
    """Do some work on the service's own connections."""
    url = settings.service_database_url("controlling")
    async with await open_pool(url, service="controlling", process="draw", size=1) as pool:
        return await work(pool)
