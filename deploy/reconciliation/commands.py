"""`gleichfall reconcile`."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

import click
from rich.console import Console
from rich.table import Table

from deploy.reconciliation.errors import EventsUnaccounted
from deploy.reconciliation.places import Balance, Fate
from deploy.reconciliation.reading import reconcile as compare

_SHOWN = 20


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--wait",
    type=click.IntRange(0, 3_600),
    default=10,
    show_default=True,
    help="Seconds in which consumers may read what is in Kafka; the rest counts as under way.",
)
@click.option(
    "--database-url",
    envvar="DATABASE_URL",
    required=True,
    help="The operator's database URL (a role that sees the schemas of all services).",
)
@click.option(
    "--bootstrap-servers",
    envvar="KAFKA_BOOTSTRAP_SERVERS",
    required=True,
    help="host:port of a broker; several separated by commas.",
)
def reconcile(*, as_json: bool, wait: int, database_url: str, bootstrap_servers: str) -> None:
    """Compare intake's ledger with what each consumer applied, event by event and case by case.

    Changes nothing and may run at any time. Exits with 1 when an accepted event is neither applied,
    discarded, parked, a dead letter nor under way, or when more was applied than accepted.

    \b
    --json prints one object:
        holds     true when everything is accounted for
        services  by consumer: accepted, applied, discarded, parked, dead_letter, under_way,
                  missing
        missing   service, case, sequence of each event that nothing accounts for
        surplus   service, case, applied, accepted where more was applied
    """
    found = asyncio.run(compare(database_url, bootstrap_servers, timedelta(seconds=wait)))
    if as_json:
        click.echo(json.dumps(_document(found)))
    else:
        _print(found)
    if wrong := [one for one in found if not one.holds]:
        raise EventsUnaccounted(wrong)


def _document(found: Sequence[Balance]) -> dict[str, object]:
    return {
        "holds": all(one.holds for one in found),
        "services": {one.service: _amounts(one) for one in found},
        "missing": [
            {"service": one.service, "case": place.subject, "sequence": place.sequence}
            for one in found
            for place in one.missing
        ],
        "surplus": [
            {"service": one.service, "case": case.subject}
            | {name: value for name, value in asdict(case).items() if name != "subject"}
            for one in found
            for case in one.surplus
        ],
    }


def _amounts(one: Balance) -> dict[str, int]:
    fates = {found.value: amount for found, amount in one.amounts.items()}
    applied = fates.pop(Fate.APPLIED.value)
    return {"accepted": one.accepted, "applied": applied, "discarded": one.discarded} | fates


def _print(found: Sequence[Balance]) -> None:
    table = Table(box=None)
    table.add_column("service", no_wrap=True)
    for name in _amounts(found[0]):
        table.add_column(name.replace("_", " "), justify="right")
    for one in found:
        table.add_row(one.service, *(f"{amount:,}" for amount in _amounts(one).values()))
    Console().print(table)
    lines = [
        f"{one.service}: event {place.sequence} of {place.subject} is missing"
        for one in found
        for place in one.missing
    ] + [
        f"{one.service}: {case.subject} is at event {case.applied}, intake accepted {case.accepted}"
        for one in found
        for case in one.surplus
    ]
    for line in lines[:_SHOWN]:
        click.echo(line)
    if len(lines) > _SHOWN:
        click.echo(f"and {len(lines) - _SHOWN:,} more; --json shows all")
