"""`gleichfall audit`: whether the log holds, and the log as a file."""

import asyncio
from pathlib import Path

import click

from services.controlling.audit import store
from services.controlling.audit.chain import Head
from services.controlling.audit.entry import OPERATOR, Act, Entry
from services.controlling.audit.errors import AuditBroken
from services.controlling.audit.store import Verified
from services.controlling.audit.writing import write
from shared.console import screen
from shared.console.options import OUT
from shared.postgres.command_pool import on_database
from shared.postgres.pool import Pool

_SERVICE = "controlling"


@click.group()
def audit() -> None:
    """Follow the chain of the audit log, and write the log into a file."""


@audit.command()
@click.option("--head", "kept", help="A head that was noted earlier, such as in a period's export.")
def verify(kept: str | None) -> None:
    """Follow the chain from its first entry and say where it breaks.

    That it holds is an entry itself, and the page of the log says so.

    What is taken from the end is only seen by who has noted a head before: each export of a period
    holds one. Leaves with 0 when the chain holds, with 1 when it doesn't.

    Example: gleichfall audit verify
    """
    noted = Head.parse(kept) if kept else None

    async def work(pool: Pool) -> Verified:
        return await store.verify_and_note(pool, noted)

    with screen.waiting("following the chain"):
        found = asyncio.run(on_database(_SERVICE, work))
    for one in found.breaks:
        click.echo(one)
    click.echo(f"{found.head.number} entries, head {found.head}")
    if found.breaks:
        raise AuditBroken(len(found.breaks))
    click.echo("each entry follows on the one before it")


@audit.command(name="export")
@click.option("--out", type=OUT, required=True, help="The file to write (JSON Lines).")
def export_command(out: Path) -> None:
    """Write the whole log, an entry a line; that it was written is the last entry.

    Example: gleichfall audit export --out audit.jsonl
    """

    async def work(pool: Pool) -> int:
        async with store.changing(pool) as change:
            change.note(Entry(None, OPERATOR, Act.EXPORTED, "audit"))
        async with pool.acquire() as connection:
            return await write(out, store.links(connection))

    with screen.waiting("writing the log"):
        written = asyncio.run(on_database(_SERVICE, work))
    click.echo(f"wrote {written} entries to {out}")
