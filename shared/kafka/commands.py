"""`gleichfall topics`."""

import asyncio
from pathlib import Path

import click

from shared.console import screen
from shared.console.options import FILE
from shared.kafka import grants
from shared.kafka import topics as declared
from shared.kafka.broker_options import brokers_option
from shared.kafka.brokers import Brokers
from shared.kafka.errors import AccessDiffers, TopicsDiffer
from shared.observe.logs import note_administered

file_option = click.option(
    "--file",
    "path",
    type=FILE,
    envvar="GLEICHFALL_KAFKA_ACCESS",
    default=grants.DECLARATION,
    help="Another declaration than deploy/kafka/access.yaml; also from GLEICHFALL_KAFKA_ACCESS.",
)


@click.group()
def topics() -> None:
    """Compare and apply Kafka's topics, and who may do what with them."""


@topics.command()
@brokers_option
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
def apply(brokers: Brokers, dry_run: bool) -> None:  # noqa: FBT001 - click hands it over by name
    """Create missing topics and mend wrong settings; shows each change.

    The number of partitions of a living topic is never changed: cases would move to other
    partitions and lose their order.
    """
    change = declared.differences if dry_run else declared.apply_topics
    found = asyncio.run(change(brokers))
    for difference in found:
        click.echo(f"{'would change' if dry_run else 'changed'}: {difference}")
        if not dry_run:
            note_administered("topic changed", change=str(difference))
    if not found:
        click.echo("nothing to do: all topics are as declared")


@topics.command()
@brokers_option
def check(brokers: Brokers) -> None:
    """Exit with 1 when a topic is missing or different, naming each difference."""
    found = asyncio.run(declared.differences(brokers))
    if found:
        raise TopicsDiffer([str(difference) for difference in found])
    click.echo("all topics are as declared")


@topics.group()
def acl() -> None:
    """Compare and apply who may do what in Kafka, as deploy/kafka/access.yaml declares it."""


@acl.command("list")
@file_option
def list_rights(path: Path) -> None:
    """Show what each user is to be granted; asks no broker."""
    table = screen.table("user", "principal", "may", "which")
    for name, user in grants.declared_access(path).items():
        for right in sorted(user.rights):
            kind = right.kind.name.lower()
            screen.add(table, name, user.principal, right.operation.name, f"{kind} {right.name}")
    screen.show(table, whole=True)


@acl.command("apply")
@brokers_option
@file_option
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
def apply_rights(*, brokers: Brokers, path: Path, dry_run: bool) -> None:
    """Grant what is declared and missing, and take away from its users what is not declared.

    Users that aren't in the file are left alone, and so are passwords: Kafka's own tools make
    users. Whoever runs this needs DESCRIBE and ALTER on the cluster.
    """
    change = grants.access_differences if dry_run else grants.apply_access
    found = asyncio.run(change(brokers, grants.declared_access(path).values()))
    for rule in found.missing:
        click.echo(f"{'would grant' if dry_run else 'granted'}: {rule}")
        if not dry_run:
            note_administered("right granted", right=str(rule))
    for rule in found.surplus:
        click.echo(f"{'would take away' if dry_run else 'taken away'}: {rule}")
        if not dry_run:
            note_administered("right taken away", right=str(rule))
    if not found:
        click.echo("nothing to do: Kafka's access control is as declared")


@acl.command("check")
@brokers_option
@file_option
def check_rights(*, brokers: Brokers, path: Path) -> None:
    """Exit with 1 when a user may do less or more than declared, naming each difference."""
    found = asyncio.run(grants.access_differences(brokers, grants.declared_access(path).values()))
    if found:
        raise AccessDiffers(found.lines)
    click.echo("Kafka's access control is as declared")
