"""A table of counts or ratings, as a spreadsheet writes it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Self

from services.controlling.statistics.errors import TableInvalid
from shared.configuration.table_file import LineBroken, read_lines, repeated, unbroken

_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file, by column."""

    file: Path
    line: int
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """Give a cell that may not be empty."""
        text = self.cells[column]
        if not text:
            raise self.wrong(column, "is empty")
        return text

    def count(self, column: str) -> int:
        """Give a whole number that isn't below 0."""
        text = self.text(column)
        if not (text.isascii() and text.isdigit()):
            raise self.wrong(column, f"{text!r} is not a whole number of at least 0")
        return int(text)

    def number(self, column: str) -> float:
        """Give a number as an English or a German spreadsheet writes it: 2.5 or 2,5.

        A single comma between digits is a decimal one, never one that sets thousands apart.
        """
        text = self.text(column)
        try:
            number = float(text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text)
        except ValueError:
            raise self.wrong(column, f"{text!r} is not a number like 2.5 or 2,5") from None
        if not isfinite(number):
            raise self.wrong(column, f"{text!r} is not a finite number")
        return number

    def holding(self, column: str, text: str) -> "Row":
        """Give the same line with another text in a cell."""
        return replace(self, cells={**self.cells, column: text})

    def wrong(self, column: str, reason: str) -> TableInvalid:
        """Say what is wrong in a cell."""
        return TableInvalid(self.file, self.line, f"{column}: {reason}")


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a header, mostly read from a CSV file."""

    file: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @classmethod
    def read(cls, file: Path, *required: str) -> Self:
        """Read a file.

        Raises:
            TableInvalid: the file can't be read, has no rows, lacks a required column, names one
                twice, or a line has another number of cells than the header.
        """
        lines = cells_of(file)
        _, header = next(lines, (1, [""]))
        columns = tuple(header)
        if repeated(columns) is not None:
            raise TableInvalid(file, 1, "a column's name stands twice in the header")
        cls(file, columns, ()).require(*required)
        rows = tuple(_row(file, line, columns, cells) for line, cells in lines)
        if not rows:
            raise TableInvalid(file, 1, "there is no row below the header")
        return cls(file, columns, rows)

    def require(self, *columns: str) -> None:
        """Make sure that columns are there.

        Raises:
            TableInvalid: names those that aren't.
        """
        missing = [column for column in columns if column not in self.columns]
        if missing:
            raise TableInvalid(self.file, 1, f"the header lacks the column {', '.join(missing)}")


def cells_of(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Give line number and cells of each line that isn't blank."""
    try:
        with file.open("rb") as stream:
            yield from unbroken(read_lines(stream))
    except OSError as error:
        raise TableInvalid(file, 1, f"can't be read: {error.strerror}") from None
    except LineBroken as error:
        raise TableInvalid(file, error.line, error.reason) from None


def _row(file: Path, line: int, columns: tuple[str, ...], cells: list[str]) -> Row:
    if len(cells) != len(columns):
        raise TableInvalid(file, line, f"has {len(cells)} cells, the header {len(columns)}")
    return Row(file, line, dict(zip(columns, cells, strict=True)))
