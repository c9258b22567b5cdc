"""`gleichfall guidance`: articles from a file."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from services.controlling.audit.store import changing
from services.controlling.guidance.entering import enter, read_articles
from shared.console.options import FILE
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Pool

_SERVICE = "controlling"


@click.group()
def guidance() -> None:
    """Bring articles on norms into the workbench."""


@guidance.command(name="load")
@click.argument("file", metavar="FILE", type=FILE)
def load_command(file: Path) -> None:
    """Keep the articles of FILE; one that has changed becomes a new version.

    \b
    Example:
        gleichfall guidance load deploy/demo/guidance.yaml
    """
    articles = read_articles(file)

    async def work(pool: Pool) -> int:
        async with changing(pool) as change:
            return await enter(change, articles, datetime.now(UTC))

    written = asyncio.run(on_database(_SERVICE, work))
    click.echo(f"{file}: {len(articles)} articles, {written} new or changed")
