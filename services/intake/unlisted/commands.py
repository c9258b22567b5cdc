"""`gleichfall unlisted`: keys that came in events and are in no list."""

import asyncio
from dataclasses import asdict

import click

from services.intake.unlisted import store
from shared.console import screen
from shared.console.options import json_option
from shared.postgres.command_pool import in_transaction


@click.command()
@json_option
def unlisted(*, as_json: bool) -> None:
    """Name the keys of units, offices, services and the like that no list has.

    Sources that the file of systems calls `unlisted` may bring their own. What belongs here is put
    into the organisation file, which intake reads at its start and forgets such keys then; what
    doesn't is a matter for whoever sends it.

    --json prints an array of objects with source, field, key and first_at.
    """
    found = asyncio.run(in_transaction("intake", store.every))
    if as_json:
        screen.show_json([asdict(one) | {"first_at": one.first_at.isoformat()} for one in found])
        return
    if not found:
        click.echo("nothing to do: every key is in a list")
        return
    table = screen.table("source", "field", "key", "since")
    for one in found:
        screen.add(table, one.source, one.field, one.key, f"{one.first_at:%Y-%m-%d}")
    screen.show(table, whole=True)
