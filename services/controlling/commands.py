"""`gleichfall draw`: the end of a review period, and the proof that its draw was fair."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import click

from services.controlling.closing import Closer
from services.controlling.errors import DrawDiffers
from services.controlling.export import export, verify_file
from services.controlling.sampling.verification import Report
from services.controlling.settings import Settings
from shared.events.catalogue.review import ReviewPeriodClosed
from shared.organisation.file import load_organisation
from shared.postgres.pool import Pool, open_pool
from shared.security.secrets import SecretName

Result = TypeVar("Result")
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
    zone = load_organisation(settings.organisation_file).jurisdiction.time_zone

    async def work(pool: Pool) -> ReviewPeriodClosed:
        return await Closer(pool, key, zone).close(period, datetime.now(UTC))

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

    async def work(pool: Pool) -> str:
        return await export(pool, period, out, key)

    click.echo(f"wrote the draw of {asyncio.run(with_pool(settings, work))} to {out}")


@draw.command()
@click.argument("file", metavar="FILE", type=_FILE)
def verify(file: Path) -> None:
    """Replay the draw in FILE, offline, and say what differs.

    Exits with 1 when anything does. Compare the key, the commitment and the counts with what
    was published, too: see docs/guide/auditors/README.md.

    Example: gleichfall draw verify draw.jsonl
    """
    report = verify_file(file)
    _show(report)
    if report.differences:
        raise DrawDiffers(len(report.differences))


def _show(report: Report) -> None:
    click.echo(
        f"period {report.period}: {report.decisions} decisions, {report.drawn} drawn, "
        f"{report.late} late"
    )
    click.echo(f"signed with {report.public_key}")
    for difference in report.differences:
        click.echo(difference)
    if not report.differences:
        click.echo("the draw is what seed and policy give")


async def with_pool(settings: Settings, work: Callable[[Pool], Awaitable[Result]]) -> Result:
    """Do some work on the service's own connections."""
    url = settings.service_database_url("controlling")
    async with await open_pool(url, service="controlling", process="draw", size=1) as pool:
        return await work(pool)
