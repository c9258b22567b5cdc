"""`gleichfall displays`: which screens on walls show how the service stands."""

import asyncio
from dataclasses import asdict
from pathlib import Path

import click

from services.controlling.displays import store
from services.controlling.displays.errors import NoSuchDisplay, NoSuchOffice
from shared.console import screen
from shared.console.options import json_option, organisation_option
from shared.observe.logs import note_administered
from shared.organisation.file import load_organisation
from shared.postgres.command_pool import in_transaction
from shared.security.bearer import new_bearer


@click.group()
def displays() -> None:
    """Make, list and revoke the addresses of screens that show how the service stands today.

    Such an address opens one page and nothing else: the emergency counter, the telephone and the
    lead time. Only the hash of its key is kept.
    """


@displays.command()
@click.argument("place")
@click.option("--office", help="Show this one only, by its key; all if left out.")
@click.option(
    "--url", envvar="WORKBENCH_URL", default="", help="Where browsers find the workbench."
)
@organisation_option
def create(place: str, office: str | None, url: str, organisation_file: Path) -> None:
    """Make an address for the screen at PLACE; prints it once.

    \b
    Example:
        gleichfall displays create "Waiting area, first floor" --office kaiserallee
    """
    known = {one.key for one in load_organisation(organisation_file).offices}
    if office is not None and office not in known:
        raise NoSuchOffice(office, known)
    made = new_bearer()
    asyncio.run(
        in_transaction(
            "controlling", lambda connection: store.create(connection, made, place, office)
        )
    )
    note_administered("display created", display=made.id)
    click.echo(f"display {made.id}; its address is shown once, open it there now:", err=True)
    click.echo(f"{url.rstrip('/')}/display/{made.text}")


@displays.command(name="list")
@json_option
def list_command(*, as_json: bool) -> None:
    """List all displays, revoked ones too, and when the page of each was last asked for.

    --json prints an array of objects with id, place, office (null for all), created_at,
    revoked_at, last_used and uses.
    """
    found = asyncio.run(in_transaction("controlling", store.every))
    if as_json:
        screen.show_json([asdict(one) for one in found])
        return
    table = screen.table("display", "place", "office", "last used", "", numbers=("uses",))
    for one in found:
        used = "never" if one.last_used is None else f"{one.last_used:%Y-%m-%d %H:%M} UTC"
        state = "usable" if one.revoked_at is None else "revoked"
        screen.add(table, one.id, one.place, one.office or "all", used, state, one.uses)
    screen.show(table)


@displays.command()
@click.argument("display")
def revoke(display: str) -> None:
    """End the address of DISPLAY, by its id; its screen is refused from its next minute on.

    \b
    Example:
        gleichfall displays revoke 3f9a1c2b
    """
    place = asyncio.run(
        in_transaction("controlling", lambda connection: store.revoke(connection, display))
    )
    if place is None:
        raise NoSuchDisplay(display)
    note_administered("display revoked", display=display)
    click.echo(f"display {display} ({place}) is revoked")
