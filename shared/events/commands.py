"""`gleichfall events`: the catalogue of facts and its contract documents."""

import click

from shared.console import screen
from shared.errors import GleichfallError
from shared.events import contracts, json_schema
from shared.events.registry import CATALOGUE, NAMESPACE, EventType


class ContractDrift(GleichfallError):
    """Committed documents say something else than the code."""

    def __init__(self, differences: list[contracts.Drift]) -> None:
        listed = ", ".join(f"{difference.path} {difference.what}" for difference in differences)
        super().__init__(
            f"shared/events: {listed}. Run `gleichfall events write`, read the difference and "
            "commit it: within a version only optional fields may be added"
        )


class UnknownEventType(GleichfallError):
    """The catalogue has no such type."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is not in the catalogue of events; `gleichfall events list` shows what is"
        )


@click.group(name="events")
def events() -> None:
    """Show the catalogue of events and keep its contract documents true."""


@events.command(name="list")
@click.option("--markdown", is_flag=True, help="As the table of docs/guide/events.md.")
def list_types(*, markdown: bool) -> None:
    """List every type of event with its topic.

    Example: gleichfall events list
    """
    for line in table() if markdown else map(_line, CATALOGUE.values()):
        click.echo(line)


@events.command()
@click.argument("event_type", metavar="TYPE")
def show(event_type: str) -> None:
    """Show the JSON Schema of the data of TYPE, with or without the leading "gleichfall.".

    Example: gleichfall events show decision.made.v1
    """
    name = f"{NAMESPACE}.{event_type.removeprefix(f'{NAMESPACE}.')}"
    if name not in CATALOGUE:
        raise UnknownEventType(event_type)
    screen.show_json(json_schema.data_schema(CATALOGUE[name]), indent=2)


@events.command()
def check() -> None:
    """Compare the JSON Schemas and AsyncAPI documents with the code; exit 1 when they differ.

    Example: gleichfall events check
    """
    differences = contracts.drift()
    if differences:
        raise ContractDrift(differences)
    click.echo(f"{len(contracts.documents())} contract documents say what the code does")


@events.command()
def write() -> None:
    """Write the JSON Schemas and AsyncAPI documents that the code describes.

    Example: gleichfall events write
    """
    changed = contracts.write()
    for path in changed:
        click.echo(f"shared/events/{path}")
    if not changed:
        click.echo("nothing to do: every document says what the code does")


def table() -> list[str]:
    """Give the catalogue as the lines of a Markdown table."""
    head = ["| Type | What happened | Topic | Required | Optional |", "|---|---|---|---|---|"]
    return head + [_row(entry) for entry in CATALOGUE.values()]


def _row(entry: EventType) -> str:
    fields = entry.model.model_fields.items()
    required = ", ".join(f"`{name}`" for name, field in fields if field.is_required())
    optional = ", ".join(f"`{name}`" for name, field in fields if not field.is_required())
    name = f"`{json_schema.short_name(entry)}`"
    cells = (name, _summary(entry), f"`{entry.topic}`", required or "none", optional or "none")
    return f"| {' | '.join(cells)} |"


def _line(entry: EventType) -> str:
    return f"{entry.name:<46} {entry.topic:<20} {_summary(entry)}"


def _summary(entry: EventType) -> str:
    return (entry.model.__doc__ or "").partition("\n")[0]
