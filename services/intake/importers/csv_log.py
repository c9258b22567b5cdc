"""Reads event logs in CSV: one header line, then one row per event."""

from collections.abc import Iterator
from typing import BinaryIO

from services.intake.importers.errors import LogBroken
from services.intake.importers.log_event import LogEvent
from shared.configuration.table_file import LineBroken, read_lines, repeated


def read_csv(stream: BinaryIO) -> Iterator[LogEvent]:
    """Give the rows in the order of the file.

    A row with too many or too few values is given with a defect, for it can't be trusted.

    Raises:
        LogBroken: A line can't be read, or there is no usable header.
    """
    lines = read_lines(stream)
    try:
        columns = _checked(next(lines, (1, []))[1])
        for line, row in lines:
            yield _event(columns, row, line)
    except LineBroken as error:
        raise LogBroken(str(error)) from None


def _checked(columns: list[str]) -> list[str]:
    if len(columns) < 2:  # noqa: PLR2004 - an event needs at least a case and an activity
        raise LogBroken("there is no header line with the names of the columns")
    twice = repeated(columns)
    if twice is not None:
        raise LogBroken(f"the header names the column {twice!r} more than once")
    return columns


def _event(columns: list[str], row: list[str], line: int) -> LogEvent:
    if len(row) != len(columns):
        return LogEvent(dict(zip(columns, row, strict=False)), "a row of the wrong length", line)
    return LogEvent(dict(zip(columns, row, strict=True)), None, line)
