"""Reads event logs in CSV: one header line, then one row per event."""

import csv
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from services.intake.importers.errors import LogBroken
from services.intake.importers.log_event import LogEvent

_DELIMITERS = ",;\t|"
_BYTE_ORDER_MARK = "\ufeff"
_LONGEST_HEADER = 64 * 1024


def read_csv(stream: BinaryIO) -> Iterator[LogEvent]:
    """Give the rows in the order of the file. The text is UTF-8; the header tells the delimiter.

    A row with too many or too few values is given with a defect, for it can't be trusted.

    Raises:
        LogBroken: The text isn't UTF-8 or the quoting is broken; or there is no usable header.
    """
    header = _decoded(stream.readline(_LONGEST_HEADER), 1).removeprefix(_BYTE_ORDER_MARK)
    delimiter = max(_DELIMITERS, key=header.count)
    lines = chain([header], _lines(stream))
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        columns = _columns(rows)
        for row in rows:
            if row:
                yield _event(columns, row)
    except csv.Error as error:
        raise LogBroken(f"line {rows.line_num} is broken CSV ({error})") from None


def _columns(rows: Iterable[list[str]]) -> list[str]:
    columns = next(iter(rows), [])
    if len(columns) < 2:  # noqa: PLR2004 - an event needs at least a case and an activity
        raise LogBroken("there is no header line with the names of the columns")
    twice = next((name for name in columns if columns.count(name) > 1), None)
    if twice is not None:
        raise LogBroken(f"the header names the column {twice!r} more than once")
    return columns


def _event(columns: list[str], row: list[str]) -> LogEvent:
    if len(row) != len(columns):
        return LogEvent(dict(zip(columns, row, strict=False)), "a row of the wrong length")
    return LogEvent(dict(zip(columns, row, strict=True)))


def _lines(stream: BinaryIO) -> Iterator[str]:
    for number, line in enumerate(stream, start=2):
        yield _decoded(line, number)


def _decoded(line: bytes, number: int) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise LogBroken(f"line {number} is not UTF-8 text") from None
