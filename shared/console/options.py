"""Options that many commands have; each command takes those that it uses."""

import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from shared.configuration import places
from shared.configuration.database_url import DatabaseUrlInvalid, read

FILE = click.Path(path_type=Path, dir_okay=False)


class _OutFile(click.Path):
    """A file to be written: refused at once, and not after the work, where it can't be."""

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Path:
        """Give the path.

        Raises:
            BadParameter: its folder isn't there, or nothing may be written to it.
        """
        path = Path(str(super().convert(value, param, ctx)))
        if not path.parent.is_dir():
            self.fail(f"cannot use {path}: there is no folder {path.parent}", param, ctx)
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            self.fail(f"cannot use {path}: nothing may be written there", param, ctx)
        return path


OUT = _OutFile(dir_okay=False)
FIRST_DAY, LAST_DAY = "1900-01-01", "2200-01-01"


class Day(click.DateTime):
    """A day of people's lives: the days around it are days of the calendar, too."""

    def __init__(self, first: str = FIRST_DAY) -> None:
        super().__init__(["%Y-%m-%d"])
        self._first = first

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> datetime:
        """Give its midnight.

        Raises:
            BadParameter: it is none, or so far away that nothing of ours happened there.
        """
        day: datetime = super().convert(value, param, ctx)
        if not self._first <= day.date().isoformat() <= LAST_DAY:
            self.fail(f"{value} is not between {self._first} and {LAST_DAY}", param, ctx)
        return day


DAY = Day()


class _DatabaseUrl(click.ParamType[str]):
    """Where the database is: refused at once and unquoted, for a password may stand in it."""

    name = "url"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str:
        """Give it as it is.

        Raises:
            BadParameter: it is no URL of PostgreSQL with a host and a database.
        """
        try:
            read(str(value))
        except DatabaseUrlInvalid as error:
            self.fail(str(error), param, ctx)
        return str(value)


DATABASE_URL = _DatabaseUrl()


def between(first: date, last: date) -> tuple[date, date]:
    """Give the days from `--from` to `--to`.

    Raises:
        UsageError: The first lies after the last: nothing would be looked at, and all be well.
    """
    if first > last:
        raise click.UsageError(f"--from {first} lies after --to {last}; exchange them")
    return first, last


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
language_option = click.option(
    "--language",
    type=click.Choice(["de", "en"]),
    default="de",
    show_default=True,
    help="The language of the texts.",
)
database_option = click.option(
    "--database-url",
    envvar="DATABASE_URL",
    required=True,
    type=DATABASE_URL,
    help="The operator's database URL (a role that sees the schemas of all services).",
)
service_option = click.option(
    "--service", type=click.Choice(places.SERVICES), help="Only this service."
)
organisation_option = click.option(
    "--organisation",
    "organisation_file",
    type=FILE,
    envvar=places.ORGANISATION_VARIABLE,
    default=places.ORGANISATION,
    help="The authority's file, by default Karlsruhe's; also taken from GLEICHFALL_ORGANISATION.",
)


def _said(_: click.Context, option: click.Parameter, text: str) -> str:
    if not text.strip():
        raise click.BadParameter("is empty; an audit needs it", param=option)
    return text.strip()


def answerable(command: Callable[..., None]) -> Callable[..., None]:
    """Add what every command needs that changes something by a person's hand."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Check everything, change nothing."),
        click.option(
            "--reason",
            required=True,
            callback=_said,
            help="Why; kept in the database for the audit.",
        ),
        click.option(
            "--by", required=True, callback=_said, help="Your key as an operator; kept likewise."
        ),
    ):
        command = option(command)
    return command


def settling(command: Callable[..., None]) -> Callable[..., None]:
    """Add what every command needs that settles what a service couldn't do."""
    ids = click.argument("ids", metavar="ID...", nargs=-1, required=True, type=click.UUID)
    return ids(database_option(answerable(command)))
