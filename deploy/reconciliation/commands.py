"""`gleichfall reconcile`."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

import click

from deploy.reconciliation.errors import EventsUnaccounted
from deploy.reconciliation.places import Balance, Fate
from deploy.reconciliation.reading import reconcile as compare
from shared.console import screen
from shared.console.options import database_option, json_option
from shared.kafka.brokers import Brokers
from shared.kafka.options import brokers_option

_SHOWN = 20


@click.command()
@json_option
@click.option(
    "--wait",
    type=click.IntRange(0, 3_600),
    default=10,
    show_default=True,
    help="Seconds in which consumers may read what is in Kafka; the rest counts as under way.",
)
@database_option
@brokers_option
def reconcile(*, as_json: bool, wait: int, database_url: str, brokers: Brokers) -> None:
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
    found = asyncio.run(compare(database_url, brokers, timedelta(seconds=wait)))
    if as_json:
        screen.show_json(_document(found))
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
    table = screen.table("service", numbers=[name.replace("_", " ") for name in _amounts(found[0])])
    for one in found:
        screen.add(table, one.service, *_amounts(one).values())
    screen.show(table)
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
