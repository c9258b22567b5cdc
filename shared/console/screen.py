"""What a command shows: tables, sentences and JSON on the output, progress beside it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich import box
from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from shared.console.json_text import json_text
from shared.console.numbers import UNKNOWN

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

_ENDLESS = 10_000


def table(
    *words: str, numbers: Sequence[str] = (), lined: bool = False, headed: bool = True
) -> Table:
    """Give an empty table; more columns may be added behind.

    Args:
        words: The headings of what stands on the left; never cut, folded on a narrow terminal.
        numbers: The headings of what stands on the right.
        lined: Whether the headings are underlined.
        headed: Whether the headings are shown.
    """
    made = Table(box=box.SIMPLE if lined else None, show_header=headed)
    for heading in words:
        made.add_column(heading, overflow="fold")
    for heading in numbers:
        made.add_column(heading, justify="right", no_wrap=True)
    return made


def add(to: Table, *cells: str | int | Text | None) -> None:
    """Add a row: numbers with thousands apart, what others wrote never as markup."""
    to.add_row(*map(_cell, cells))


def foot(to: Table, *cells: str | int | Text | None) -> None:
    """Add the last row, below a line: what the columns come to."""
    to.show_footer = True
    for column, cell in zip(to.columns, cells, strict=True):
        column.footer = _cell(cell)


def _cell(value: str | int | Text | None) -> Text:
    if isinstance(value, Text):
        return value
    if value is None:
        return Text(UNKNOWN)
    return Text(f"{value:,}" if isinstance(value, int) else value)


def show(*parts: RenderableType, whole: bool = False) -> None:
    """Print tables and sentences.

    A pipe has no width, so that there nothing is cut or folded.

    Args:
        parts: What to print, one below the other.
        whole: Likewise on a terminal, for what can't be read when it is folded.
    """
    for part in parts:
        console = Console(highlight=False, emoji=False)  # nobody writes ":bell:"
        if isinstance(part, str):
            console.print(Text(part), soft_wrap=True)
            continue
        if whole or not console.is_terminal:
            endless = console.options.update(width=_ENDLESS)
            console.width = max(Measurement.get(console, endless, part).maximum, 1)
        console.print(part)


def show_json(document: object, *, indent: int | None = None) -> None:
    """Print one JSON document: for programs in a line, for people indented.

    Raises:
        NoFigure: there is NaN or infinity in it.
    """
    click.echo(json_text(document, indent=indent))


@contextmanager
def progress(*columns: "str | ProgressColumn") -> Iterator["Progress"]:
    """Draw how far something is on standard error, while it lasts; nothing where that is a file."""
    from rich.progress import Progress  # noqa: PLC0415 - few commands draw

    console = Console(stderr=True)
    drawn = Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
    with drawn:
        yield drawn


@contextmanager
def counting(doing: str, of_what: str) -> Iterator[Callable[[int, int], None]]:
    """Draw a bar with its numbers; gives what tells it how many of how many are done."""
    from rich.progress import BarColumn, TimeRemainingColumn  # noqa: PLC0415 - few commands draw

    columns = ("{task.description}", BarColumn(), "{task.fields[amount]}", TimeRemainingColumn())
    with progress(*columns) as drawn:
        task = drawn.add_task(doing, total=None, amount="")

        def tell(done: int, whole: int) -> None:
            amount = f"{done:,} of {whole:,} {of_what}"
            drawn.update(task, completed=done, total=whole, amount=amount)

        yield tell


@contextmanager
def waiting(for_what: str) -> Iterator[Callable[[str], None]]:
    """Say on standard error what is waited for; gives what changes it. Nothing in a file."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(for_what) as status:
        yield status.update
