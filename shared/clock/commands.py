"""`gleichfall clock`."""

import asyncio
from datetime import UTC, datetime, timedelta

import click

from shared.clock import store
from shared.clock.judging import Memory, Reading, disagreement, doubt
from shared.configuration.places import SERVICES
from shared.console import screen
from shared.console.options import answerable, database_option, json_option
from shared.observe.logs import note_administered
from shared.postgres.pool import enter_schema, operator_connection


@click.group()
def clock() -> None:
    """See and settle doubts about the time.

    What can't be undone (closing a period, emptying old rows, ending messages whose time is over)
    waits while a clock contradicts what was known of the time. docs/operations/clocks.md leads
    through it.
    """


@clock.command()
@json_option
@database_option
def show(*, as_json: bool, database_url: str) -> None:
    """Show by service which time it believed last, and what speaks against the present one.

    \b
    --json prints one object:
        clocks  service, known, doubt (null: none), accepted_by, accepted_because
    """
    found = asyncio.run(_look(database_url))
    if as_json:
        screen.show_json({"clocks": found})
        return
    table = screen.table("service", "known", "doubt", "accepted by", "because")
    for one in found:
        screen.add(table, *("" if value is None else str(value) for value in one.values()))
    screen.show(table)


@clock.command()
@answerable
@database_option
def accept(*, by: str, reason: str, dry_run: bool, database_url: str) -> None:
    """Say that the time is right though something speaks against it; all services go on at once.

    Look at the clocks of all machines first: what waits can't be undone.

    \b
    Example:
        gleichfall clock accept --by ops-7 --reason "off since 3 May: move of the server room"
    """
    if not dry_run:
        asyncio.run(_accept(database_url, by, reason))
        note_administered("time accepted", who=by)
    told = "would be believed" if dry_run else "is believed"
    click.echo(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC {told} by {', '.join(SERVICES)}")


async def _look(database_url: str) -> list[dict[str, str | None]]:
    found: list[dict[str, str | None]] = []
    async with operator_connection(database_url) as connection, connection.transaction():
        for service in SERVICES:
            await enter_schema(connection, service)
            row = await connection.fetchrow(store.QUERIES["show"])
            if row is None:
                continue
            memory = Memory(row["known"], row["doubted"], row["accepted"])
            now = Reading(row["now"], datetime.now(UTC), timedelta())
            found.append(
                {
                    "service": service,
                    "known": memory.known.isoformat(timespec="seconds"),
                    "doubt": disagreement(now) or doubt(now, memory, None),
                    "accepted_by": row["accepted_by"],
                    "accepted_because": row["accepted_because"],
                }
            )
    return found


async def _accept(database_url: str, by: str, reason: str) -> None:
    async with operator_connection(database_url) as connection, connection.transaction():
        for service in SERVICES:
            await enter_schema(connection, service)
            await store.accept(connection, by, reason)
