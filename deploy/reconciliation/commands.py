"""`gleichfall reconcile`."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

import click

from deploy.reconciliation import losses, mending, renumbering, store
from deploy.reconciliation.errors import (
    EventsNotAdopted,
    EventsNotInKafka,
    EventsUnaccounted,
    NumbersStayDoubled,
)
from deploy.reconciliation.losses import Loss
from deploy.reconciliation.mending import Order
from deploy.reconciliation.places import Balance, Fate
from deploy.reconciliation.reading import Found
from deploy.reconciliation.reading import reconcile as compare
from deploy.reconciliation.renumbering import Applied
from deploy.reconciliation.strays import Unknown
from deploy.reconciliation.topic import Show
from shared.console import screen
from shared.console.options import answerable, database_option, json_option
from shared.kafka.broker_options import brokers_option
from shared.kafka.brokers import Brokers
from shared.postgres.pool import operator_connection

_SHOWN = 20
_READING = ("reading Kafka", "records")

wait_option = click.option(
    "--wait",
    type=click.IntRange(0, 3_600),
    default=10,
    show_default=True,
    help="Seconds in which consumers may read what is in Kafka; the rest counts as under way.",
)


class _CheckedUnlessSaid(click.Group):
    """A group that does `check` where no command is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command before options that are its own."""
        named = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["check", *args])


@click.group(cls=_CheckedUnlessSaid)
def reconcile() -> None:
    """Look for events that were accepted and not applied, or are in Kafka and unknown to intake.

    Without a command it does 'check'. docs/operations/restore.md leads through what it finds.
    """


@reconcile.command()
@json_option
@wait_option
@database_option
@brokers_option
def check(*, as_json: bool, wait: int, database_url: str, brokers: Brokers) -> None:
    """Compare intake's ledger with what each consumer applied, and with what is in Kafka.

    Event by event and case by case. Reads the topics that intake writes, may run at any time, and
    changes nothing but the note of what it found. Exits with 1 when an accepted event is neither
    applied, discarded, parked, a dead letter nor under way, when more was applied than accepted,
    when Kafka holds events that intake doesn't know, or when more was read of Kafka than there is.

    \b
    --json prints one object:
        holds     true when everything is accounted for
        services  by consumer: accepted, applied, discarded, parked, dead_letter, under_way,
                  missing
        missing   service, topic, case, sequence of each event that nothing accounts for
        surplus   service, topic, case, applied, accepted where more was applied
        unknown   topic, case, numbered, highest, events, rivals where Kafka holds events that
                  intake doesn't know: how far it has numbered, what Kafka goes to, how many
                  events, how many of them have a number that another one has got since
        overrun   service, topic, partition, committed, end where Kafka ends before what was read
    """
    with screen.counting(*_READING) as show:
        found = asyncio.run(_looked(database_url, brokers, timedelta(seconds=wait), show))
    if as_json:
        screen.show_json(_document(found))
    else:
        _print(found)
    if not found.holds:
        wrong = [one for one in found.balances if not one.holds]
        raise EventsUnaccounted(wrong, found.unknown, found.overruns)


@reconcile.command()
@answerable
@database_option
@brokers_option
def adopt(*, by: str, reason: str, dry_run: bool, database_url: str, brokers: Brokers) -> None:
    """Take into intake's ledger what is in Kafka and unknown there: its database is an older one.

    Afterwards an event that is sent again is known as a repeat, and a new one gets a number that no
    other has. Run it while intake stands still: what it accepts meanwhile gets numbers that are
    taken. Cases of which that has happened are left as they are, and named. Consumers whose tables
    are older, too, get what they miss by 'gleichfall reconcile resend'.

    \b
    Example:
        gleichfall reconcile adopt --by ops-7 --reason "database restored from Friday"
    """
    with screen.counting(*_READING) as show:
        found = asyncio.run(mending.adopt(database_url, brokers, Order(by, reason, dry_run), show))
    would = "would be " if dry_run else ""
    click.echo(f"{found.events:,} events of {found.subjects:,} cases {would}adopted")
    if found.left:
        _print_some(list(_unknown_lines(found.left)))
        raise EventsNotAdopted(found.left)


@reconcile.command()
@answerable
@click.option(
    "--applied",
    type=click.Choice([one.value for one in Applied]),
    required=True,
    help="Which of two events with one number consumers have applied.",
)
@database_option
@brokers_option
def renumber(
    *, applied: str, by: str, reason: str, dry_run: bool, database_url: str, brokers: Brokers
) -> None:
    """Give another number to one of two events that have the same: intake was older than Kafka.

    The one that no consumer has applied leaves again. With '--applied later' that is the earlier
    one: all of PostgreSQL was restored, and intake has taken new events before 'adopt'. With
    '--applied earlier' it is the later one: intake's database alone was restored, and consumers
    dropped the new events as repeats. The wrong word lets consumers apply events twice:
    docs/operations/restore.md says how to tell. Run it while intake stands still.

    \b
    Example:
        gleichfall reconcile renumber --applied later --by ops-7 --reason "restored from Friday"
    """
    with screen.counting(*_READING) as show:
        order = Order(by, reason, dry_run)
        found = asyncio.run(
            renumbering.renumber(database_url, brokers, Applied(applied), order, show)
        )
    would = "would be " if dry_run else ""
    click.echo(f"{found.events:,} events of {found.subjects:,} cases {would}renumbered")
    if found.left:
        _print_some(list(_unknown_lines(found.left)))
        raise NumbersStayDoubled(found.left)


@reconcile.command()
@answerable
@wait_option
@database_option
@brokers_option
def resend(
    *, by: str, reason: str, dry_run: bool, wait: int, database_url: str, brokers: Brokers
) -> None:
    """Send again what a consumer misses, byte for byte as it stands in Kafka.

    It leaves through intake's outbox; who has applied it drops it. What was sent again and not yet
    applied counts as under way. Interrupt and repeat at will.

    \b
    Example:
        gleichfall reconcile resend --by ops-7 --reason "notify's tables restored from Friday"
    """
    with screen.counting(*_READING) as show:
        order, patience = Order(by, reason, dry_run), timedelta(seconds=wait)
        found = asyncio.run(mending.resend(database_url, brokers, patience, order, show))
    click.echo(f"{found.events:,} events {'would be ' if dry_run else ''}sent again")
    if found.lost:
        raise EventsNotInKafka(found.lost)


@reconcile.command(name="ask-again")
@answerable
@wait_option
@database_option
@brokers_option
def ask_again(
    *, by: str, reason: str, dry_run: bool, wait: int, database_url: str, brokers: Brokers
) -> None:
    """Ask for what a consumer misses and Kafka doesn't hold: only its senders have it.

    Prints case, number, source and id of each such event, separated by tabs, one a line. From then
    on intake takes them again, unchanged and under the same id, and they go to the place that they
    had. Until they come, 'gleichfall reconcile' goes on naming them.

    \b
    Example:
        gleichfall reconcile ask-again --by ops-7 --reason "topic lost on Friday" > lost.tsv
    """
    with screen.counting(*_READING) as show:
        order, patience = Order(by, reason, dry_run), timedelta(seconds=wait)
        lost = asyncio.run(losses.ask(database_url, brokers, patience, order, show))
    _print_losses(lost)
    click.echo(f"{len(lost):,} events {'would be ' if dry_run else ''}asked for again", err=True)


@reconcile.command(name="give-up")
@answerable
@wait_option
@database_option
@brokers_option
def give_up(
    *, by: str, reason: str, dry_run: bool, wait: int, database_url: str, brokers: Brokers
) -> None:
    """Give up for ever what a consumer misses, Kafka doesn't hold and no sender has.

    Prints them as 'ask-again' does. An event that says so takes the place of each in its case, so
    that what waits behind it is applied. Who did it and why stands in the audit log. Ask first.

    \b
    Example:
        gleichfall reconcile give-up --by ops-7 --reason "advis has no copy" > given-up.tsv
    """
    with screen.counting(*_READING) as show:
        order, patience = Order(by, reason, dry_run), timedelta(seconds=wait)
        lost = asyncio.run(losses.give_up(database_url, brokers, patience, order, show))
    _print_losses(lost)
    click.echo(f"{len(lost):,} events {'would be ' if dry_run else ''}given up", err=True)


async def _looked(database_url: str, brokers: Brokers, patience: timedelta, show: Show) -> Found:
    found = await compare(database_url, brokers, patience, show)
    async with operator_connection(database_url) as connection:
        await store.keep(
            connection,
            missing=sum(len(one.missing) for one in found.balances),
            surplus=sum(len(one.surplus) for one in found.balances),
            unknown=len(found.unknown),
            overrun=len(found.overruns),
        )
    return found


def _print_losses(lost: Sequence[Loss]) -> None:
    for one in lost:
        click.echo("\t".join([one.place.subject, str(one.place.sequence), *one.name]))


def _document(found: Found) -> dict[str, object]:
    services: dict[str, Counter[str]] = {}
    for one in found.balances:
        amounts = services.setdefault(one.service, Counter())
        for name, amount in _amounts(one).items():
            amounts[name] += amount
    return {
        "holds": found.holds,
        "services": {service: dict(amounts) for service, amounts in services.items()},
        "missing": [
            _where(one) | {"case": place.subject, "sequence": place.sequence}
            for one in found.balances
            for place in one.missing
        ],
        "surplus": [
            _where(one) | {"case": case.subject, "applied": case.applied, "accepted": case.accepted}
            for one in found.balances
            for case in one.surplus
        ],
        "unknown": [
            {
                "topic": one.topic.value,
                "case": one.subject,
                "numbered": one.numbered,
                "highest": one.highest,
                "events": len(one.strays),
                "rivals": one.rivals,
            }
            for one in found.unknown
        ],
        "overrun": [one._asdict() for one in found.overruns],
    }


def _where(one: Balance) -> dict[str, object]:
    return {"service": one.service, "topic": one.topic.value}


def _amounts(one: Balance) -> dict[str, int]:
    fates = {found.value: amount for found, amount in one.amounts.items()}
    applied = fates.pop(Fate.APPLIED.value)
    return {"accepted": one.accepted, "applied": applied, "discarded": one.discarded} | fates


def _print(found: Found) -> None:
    numbers = [name.replace("_", " ") for name in _amounts(found.balances[0])]
    table = screen.table("service", "topic", numbers=numbers)
    for one in found.balances:
        screen.add(table, one.service, one.topic, *_amounts(one).values())
    screen.show(table)
    lines = [
        f"{one.service}: event {place.sequence} of {place.subject} is missing"
        for one in found.balances
        for place in one.missing
    ] + [
        f"{one.service}: {case.subject} is at event {case.applied}, intake accepted {case.accepted}"
        for one in found.balances
        for case in one.surplus
    ]
    lines += _unknown_lines(found.unknown)
    lines += [
        f"{one.service} has read {one.topic} {one.partition} up to {one.committed}, "
        f"Kafka ends at {one.end}"
        for one in found.overruns
    ]
    _print_some(lines)


def _unknown_lines(unknown: Sequence[Unknown]) -> Iterator[str]:
    for one in unknown:
        rivals = f", {one.rivals:,} with numbers that others have got since" if one.rivals else ""
        yield (
            f"intake: {one.subject} is numbered up to {one.numbered}, Kafka holds "
            f"{len(one.strays):,} unknown up to {one.highest}{rivals}"
        )


def _print_some(lines: Sequence[str]) -> None:
    for line in lines[:_SHOWN]:
        click.echo(line)
    if len(lines) > _SHOWN:
        click.echo(f"and {len(lines) - _SHOWN:,} more; 'gleichfall reconcile --json' shows all")
