"""`gleichfall organisation`: the authority as its file describes it."""

from collections.abc import Iterator
from pathlib import Path

import click

from shared.configuration import places
from shared.console import screen
from shared.console.options import FILE
from shared.law.decision_types import DecisionTypes
from shared.organisation.errors import OrganisationInvalid
from shared.organisation.file import load_organisation
from shared.organisation.model import Organisation


@click.group(name="organisation")
def organisation() -> None:
    """Check and show the organisation file: units, offices, services, hours, calendar."""


@organisation.command()
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--before", type=FILE, help="The file that held until now: no unit of it may vanish.")
def check(file: Path, before: Path | None) -> None:
    """Check FILE and list everything that is wrong in it, by line and field.

    Leaves with 0 when the file can be used, with 1 when it can't. Warns when decisions of some
    group would belong to no unit. With --before it is refused, too, where a unit of that file is
    neither there any more nor has a successor; controlling refuses the same at its start.

    \b
    Examples:
        gleichfall organisation check deploy/organisation/karlsruhe.yaml
        gleichfall organisation check next.yaml --before deploy/organisation/karlsruhe.yaml
    """
    found = _load(file)
    if before is not None:
        found.require_successors(_load(before).keys_of_units)
    for warning in _warnings(found, DecisionTypes.load()):
        click.echo(f"{file}: warning: {warning}", err=True)
    click.echo(
        f"{file}: version {found.version}, units: {len(found.units)}, "
        f"offices: {len(found.offices)}, services: {len(found.services)}, "
        f"filled posts: {found.staff.filled}"
    )


@organisation.command()
@click.option(
    "--file",
    type=FILE,
    envvar=places.ORGANISATION_VARIABLE,
    default=places.ORGANISATION,
    help="The organisation file, by default Karlsruhe's; also taken from GLEICHFALL_ORGANISATION.",
)
def show(file: Path) -> None:
    """Print the organisation in use as JSON, defaults filled in.

    \b
    Example:
        gleichfall organisation show | less
    """
    screen.show_json(_load(file), indent=2)


def _load(file: Path) -> Organisation:
    try:
        return load_organisation(file)
    except OrganisationInvalid as error:
        for mistake in error.mistakes:
            click.echo(f"{file}, {mistake}", err=True)
        raise SystemExit(error.exit_code) from None


def _warnings(found: Organisation, types: DecisionTypes) -> Iterator[str]:
    known = {group.key for group in types.groups}
    decided = {group for unit in found.units for group in unit.decision_groups}
    for group in sorted(decided - known):
        yield f"{group} is no group of the catalogue of decision types"
    for group in sorted(known - decided - {types.unlisted}):
        yield f"no unit decides {group}"
