"""Options that many commands have; each command takes those that it uses."""

from collections.abc import Callable
from pathlib import Path

import click

from shared.configuration import places

FILE = click.Path(path_type=Path, dir_okay=False)
DAY = click.DateTime(["%Y-%m-%d"])

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
database_option = click.option(
    "--database-url",
    envvar="DATABASE_URL",
    required=True,
    help="The operator's database URL (a role that sees the schemas of all services).",
)
brokers_option = click.option(
    "--bootstrap-servers",
    envvar="KAFKA_BOOTSTRAP_SERVERS",
    required=True,
    help="host:port of a broker; several separated by commas.",
)
service_option = click.option(
    "--service", type=click.Choice(places.SERVICES), help="Only this service."
)
organisation_option = click.option(
    "--organisation",
    "organisation_file",
    type=FILE,
    envvar="GLEICHFALL_ORGANISATION",
    default=places.ORGANISATION,
    help="The authority's file, by default Karlsruhe's; also taken from GLEICHFALL_ORGANISATION.",
)


def answerable(command: Callable[..., None]) -> Callable[..., None]:
    """Add what every command needs that changes something by a person's hand."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Check everything, change nothing."),
        click.option("--reason", required=True, help="Why; kept in the database for the audit."),
        click.option("--by", required=True, help="Your key as an operator; kept likewise."),
    ):
        command = option(command)
    return command


def settling(command: Callable[..., None]) -> Callable[..., None]:
    """Add what every command needs that settles what a service couldn't do."""
    ids = click.argument("ids", metavar="ID...", nargs=-1, required=True, type=click.UUID)
    return ids(database_option(answerable(command)))
