"""Reads event logs in workbooks of Excel and LibreOffice: a sheet is a table."""

import datetime as dt
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from services.intake.importers.errors import LogBroken
from services.intake.importers.logs.csv_log import of_rows
from services.intake.importers.logs.log_event import LogEvent
from shared.configuration.table_file import Line, as_header, usual_width

_SAMPLE = 60
_DIGITS = 15
"""Excel keeps so many of a number; behind them it writes zeros."""
_LARGEST = 512 * 1024**2
"""A workbook is unpacked in memory; larger ones are read as CSV."""

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def read_workbook(stream: BinaryIO, sheet: str | None) -> Iterator[LogEvent]:
    """Give the rows of a sheet in their order; dates and numbers as ISO 8601 and plain digits.

    Args:
        stream: The workbook.
        sheet: Its name; left out, the first visible sheet in which something stands.

    Raises:
        LogBroken: It is no workbook, is too large, or has no such sheet or no usable header.
    """
    _check_size(stream)
    try:
        book = CalamineWorkbook.from_filelike(stream)
        found = _sheet(book, sheet)
    except CalamineError as error:
        raise LogBroken(f"it is no workbook that we can read ({error})") from None
    yield from of_rows(_lines(found))


def _check_size(stream: BinaryIO) -> None:
    if zipfile.is_zipfile(stream):
        stream.seek(0)
        with zipfile.ZipFile(stream) as parts:
            size = sum(part.file_size for part in parts.infolist())
        if size > _LARGEST:
            raise LogBroken(
                f"it unpacks to {size // 1024**2:,} MB, and {_LARGEST // 1024**2:,} are the most; "
                "save the sheet as CSV"
            )
    stream.seek(0)


def _sheet(book: CalamineWorkbook, name: str | None) -> CalamineSheet:
    if name is not None and name not in book.sheet_names:
        raise LogBroken(f"it has no sheet {name!r}, but {', '.join(book.sheet_names)}")
    if name is not None:
        return book.get_sheet_by_name(name)
    for one in book.sheets_metadata:
        if one.visible is SheetVisibleEnum.Visible:
            sheet = book.get_sheet_by_name(one.name)
            if sheet.end is not None:
                return sheet
    raise LogBroken("it has no sheet in which something stands")


def _lines(sheet: CalamineSheet) -> Iterator[Line]:
    """Give the header, then the rows, with the numbers that Excel shows."""
    above = 0 if sheet.start is None else sheet.start[0]
    rows = ([_text(cell) for cell in row] for row in sheet.iter_rows())
    numbered = enumerate(rows, start=above + 1)
    sample = list(islice(numbered, _SAMPLE))
    width = usual_width(cells for _, cells in sample)
    yield from _below_header(chain(sample, numbered), width)


def _below_header(rows: Iterable[tuple[int, list[str]]], width: int) -> Iterator[Line]:
    header: Sequence[str] | None = None
    for number, cells in rows:
        if header is None:
            header = as_header(cells, width)
            if header is not None:
                yield Line(number, list(header))
        elif any(cells):
            while len(cells) > len(header) and not cells[-1]:
                cells.pop()
            yield Line(number, cells)


def _number(cell: float) -> str:
    """Write a number as it was typed; one that lost digits so that nobody takes it for a whole."""
    if abs(cell) >= 10**_DIGITS:
        return f"{cell:.{_DIGITS - 1}E}"
    return str(int(cell)) if cell.is_integer() else str(cell)


def _text(cell: Cell) -> str:
    match cell:
        case bool():
            return "true" if cell else "false"
        case float():
            return _number(cell)
        case dt.datetime():
            return cell.isoformat(sep=" ")
        case dt.date() | dt.time():
            return cell.isoformat()
        case dt.timedelta():
            return str(cell)
    return str(cell).strip()
