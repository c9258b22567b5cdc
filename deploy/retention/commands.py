"""`gleichfall retention`."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

import click
from asyncpg import Record
from rich.text import Text

from deploy.retention import store
from shared.console import screen
from shared.console.options import database_option, json_option
from shared.postgres.pool import Connection, operator_connection
from shared.postgres.retention import Retention, declared_retention

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """What one table keeps, and what is declared about it.

    Attributes:
        service: Whose.
        table: Which.
        rows: How many, as PostgreSQL estimates.
        dead: Rows that wait for vacuum, likewise.
        bytes: On disk, with indexes.
        after_days: Days after which rows lose their content; None when they don't.
        overdue: Rows that should have lost it.
        reason: What goes, or why it stays; None when the table isn't declared.
    """

    service: str
    table: str
    rows: int
    dead: int
    bytes: int
    after_days: float | None
    overdue: int
    reason: str | None


@click.group()
def retention() -> None:
    """See how long what is kept, in which table, and why.

    deploy/postgres/retention.yaml declares it; the services enforce it once an hour.
    """


@retention.command()
@json_option
@database_option
def show(*, as_json: bool, database_url: str) -> None:
    """Show each table's size and what is declared about it; changes nothing.

    Rows and dead rows are PostgreSQL's estimates, marked by `~`; what is overdue is counted.

    Exits with 1 when a table isn't declared. `overdue` falls to 0 within an hour of a service's
    work.

    \b
    --json prints one object:
        tables  service, table, rows, dead, bytes, after_days, overdue, reason
    """
    found = asyncio.run(_look(database_url, declared_retention()))
    if as_json:
        screen.show_json({"tables": [asdict(one) for one in found]})
    else:
        _print(found)
    if any(one.reason is None for one in found):
        raise click.exceptions.Exit(1)


async def _look(database_url: str, declared: Retention) -> list[Kept]:
    async with operator_connection(database_url) as connection:
        rows = await store.sizes(connection)
        return [await _kept(connection, row, declared) for row in rows]


async def _kept(connection: Connection, row: Record, declared: Retention) -> Kept:
    rule = declared.of(row["service"]).get(row["table"])
    after = rule.after if rule else None
    return Kept(
        row["service"],
        row["table"],
        row["rows"],
        row["dead"],
        row["bytes"],
        after / timedelta(days=1) if after else None,
        await store.overdue(connection, row["service"], row["table"], after) if after else 0,
        rule.reason if rule else None,
    )


def _print(found: Sequence[Kept]) -> None:
    table = screen.table("service", "table", numbers=("rows", "dead", "MiB", "days", "overdue"))
    table.add_column("reason")
    for one in found:
        screen.add(
            table,
            one.service,
            one.table,
            f"~{one.rows:,}",
            f"~{one.dead:,}",
            f"{one.bytes / _MEBIBYTE:,.1f}",
            f"{one.after_days:g}" if one.after_days else "stays",
            one.overdue,
            one.reason or Text("not declared", "red"),
        )
    screen.show(table)
