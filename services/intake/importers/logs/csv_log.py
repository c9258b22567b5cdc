"""Reads event logs in CSV: one header line, then one row per event."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from services.intake.importers.errors import LogBroken
from services.intake.importers.logs.log_event import LogEvent
from shared.configuration.table_file import Line, read_lines, repeated
from shared.configuration.text_encoding import Encoding

WRONG_LENGTH = "a row of the wrong length"


def read_csv(
    stream: BinaryIO, encoding: Encoding | None = None, separator: str | None = None
) -> Iterator[LogEvent]:
    """Give the rows in the order of the file.

    A row with too many or too few values, or one that can't be read, is given with a defect.

    Raises:
        LogBroken: There is no usable header.
    """
    yield from of_rows(read_lines(stream, encoding, separator))


def of_rows(lines: Iterable[Line]) -> Iterator[LogEvent]:
    """Give the events of a table whose first line names its columns.

    Raises:
        LogBroken: It names none, or one twice.
    """
    rows = iter(lines)
    columns = _checked(next(rows, Line(1, [])))
    width = len(columns)
    for number, cells, defect in rows:
        if len(cells) == width:
            yield LogEvent(dict(zip(columns, cells, strict=True)), defect, number)
        else:
            values = dict(zip(columns, cells, strict=False))
            yield LogEvent(values, defect or WRONG_LENGTH, number)


def _checked(header: Line) -> list[str]:
    if len(header.cells) < 2:  # noqa: PLR2004 - an event needs at least a case and an activity
        raise LogBroken("there is no header line with the names of the columns")
    twice = repeated(header.cells)
    if twice is not None:
        raise LogBroken(
            f"the header in line {header.number} names the column {twice!r} more than once"
        )
    return header.cells
