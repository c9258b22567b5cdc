"""Exports a period that is closed, and replays its draw as anybody could who has the file."""

from pathlib import Path
from zoneinfo import ZoneInfo

import click

from services.controlling.proof import store
from services.controlling.proof.commands import conclude
from services.controlling.proof.export import export, verify_file
from shared.postgres.pool import Pool


async def exported(pool: Pool, file: Path, signing_key: bytes, zone: ZoneInfo) -> str | None:
    """Write the closed period with most decisions into a file; gives its key, if there is one."""
    async with pool.acquire() as connection:
        closed = [one for one in await store.summaries(connection, zone) if one.closed_at]
    if not closed:
        return None
    key = max(closed, key=lambda one: one.decisions).key
    return await export(pool, key, file, signing_key, zone)


def tell(file: Path) -> None:
    """Replay it, and say what it proves.

    Raises:
        DrawDiffers: the draw isn't what seed and policy give.
    """
    report = verify_file(file)
    click.echo(f"the draw of {report.period}, {report.decisions:,} decisions: {file}")
    for line in report.times:
        click.echo(line)
    conclude([*map(str, report.differences)])
