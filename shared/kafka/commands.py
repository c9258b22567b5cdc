"""`gleichfall topics`."""

import asyncio

import click

from shared.console.options import brokers_option
from shared.kafka import topics as declared
from shared.kafka.errors import TopicsDiffer


@click.group()
def topics() -> None:
    """Compare and apply the topics declared in deploy/kafka/topics.yaml."""


@topics.command()
@brokers_option
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
def apply(bootstrap_servers: str, dry_run: bool) -> None:  # noqa: FBT001 - click hands it over by name
    """Create missing topics and mend wrong settings; shows each change.

    The number of partitions of a living topic is never changed: cases would move to other
    partitions and lose their order.
    """
    change = declared.differences if dry_run else declared.apply_topics
    found = asyncio.run(change(bootstrap_servers))
    for difference in found:
        click.echo(f"{'would change' if dry_run else 'changed'}: {difference}")
    if not found:
        click.echo("nothing to do: all topics are as declared")


@topics.command()
@brokers_option
def check(bootstrap_servers: str) -> None:
    """Exit with 1 when a topic is missing or different, naming each difference."""
    found = asyncio.run(declared.differences(bootstrap_servers))
    if found:
        raise TopicsDiffer([str(difference) for difference in found])
    click.echo("all topics are as declared")
