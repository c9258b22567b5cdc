"""Tables as spreadsheets and other systems write them: CSV, read once from start to end."""

import csv
import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from io import TextIOWrapper
from itertools import islice
from typing import BinaryIO, NamedTuple

from shared.configuration.text_encoding import Encoding, detect
from shared.errors import PermanentError

_SEPARATORS = ",;\t|"
_COMMA_OF_PROSE = ", "
_QUOTE = '"'
_BYTE_ORDER_MARK = "\ufeff"
_SAMPLE = 60
_LONGEST_ROW = 200
"""More lines than this make no row; a quotation mark was never closed."""

csv.field_size_limit(sys.maxsize)  # its default of 128 KiB ends files with a long note


class Line(NamedTuple):
    """A line of a table: its number in the file, its cells, and what is wrong with it."""

    number: int
    cells: list[str]
    defect: str | None = None


class LineBroken(PermanentError):
    """One line of a table can't be read."""

    def __init__(self, line: int, reason: str) -> None:
        self.line, self.reason = line, reason
        super().__init__(f"line {line} {reason}")


def read_lines(
    stream: BinaryIO, encoding: Encoding | None = None, separator: str | None = None
) -> Iterator[Line]:
    """Give the header of a table, then each line that isn't blank.

    Titles above the header are passed over, and so is `sep=;`. Cells are without the spaces around
    them, rows without the separators behind their last cell. A line that can't be read has a
    defect, and the ones after it are read.

    Args:
        stream: The file, from its beginning.
        encoding: How it is encoded; left out, it is found out, for which the file is read twice.
        separator: What stands between cells; left out, it is found out from the first lines.
    """
    encoding = encoding or detect(stream)
    text = TextIOWrapper(stream, encoding.name, errors="surrogateescape")
    try:
        yield from _Rows(text, separator, clean=encoding.clean).read()
    finally:
        text.detach()  # it isn't ours to close


def unbroken(lines: Iterable[Line]) -> Iterator[tuple[int, list[str]]]:
    """Give number and cells of each line.

    Raises:
        LineBroken: One has a defect.
    """
    for number, cells, defect in lines:
        if defect is not None:
            raise LineBroken(number, defect)
        yield number, cells


def repeated(header: Sequence[str]) -> str | None:
    """Give a column's name that stands twice in a header."""
    return next((name for name in header if header.count(name) > 1), None)


class _Rows:
    """Goes through the lines of a table; a row may have several, if a cell is in quotes."""

    def __init__(self, text: Iterable[str], separator: str | None, *, clean: bool) -> None:
        self._source = iter(text)
        self._ahead: deque[str] = deque()
        self._failure: Exception | None = None
        self._clean = clean
        self._number = 0
        self._look_ahead()
        if self._ahead:
            self._ahead[0] = self._ahead[0].removeprefix(_BYTE_ORDER_MARK)
        told = self._told_separator()
        self._separator = separator or told or _likeliest_separator(self._ahead)

    def read(self) -> Iterator[Line]:
        width = usual_width(_split(self._ahead, self._separator))
        header = self._header(width)
        if header is None:
            return
        yield header
        columns = len(header.cells)
        while (text := self._next()) is not None:
            number = self._number
            cells, defect = self._row(text, columns)
            if not any(cells) and defect is None:
                continue
            while len(cells) > columns and not cells[-1]:
                cells.pop()
            yield Line(number, cells, defect)

    def _header(self, width: int) -> Line | None:
        while (text := self._next()) is not None:
            number = self._number
            cells, defect = self._row(text, 0)
            header = as_header(cells, width)
            if header is not None:
                return Line(number, header, defect)
        return None

    def _row(self, text: str, columns: int) -> tuple[list[str], str | None]:
        if not self._clean and not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:
                return [], "isn't text in the encoding of the file"
        if _QUOTE not in text:
            return [cell.strip() for cell in text.split(self._separator)], None
        return self._quoted(text, columns)

    def _quoted(self, text: str, columns: int) -> tuple[list[str], str | None]:
        taken: list[str] = []
        row = text
        while True:
            try:
                cells = _parse(row, self._separator, strict=True)
            except csv.Error as error:
                if "unexpected end" not in str(error):
                    break
            else:
                if not taken or not columns or len(cells) >= columns >= _filled(cells):
                    return cells, None
                break
            following = self._next() if len(taken) < _LONGEST_ROW else None
            if following is None:
                break
            taken.append(following)
            row += following
        self._ahead.extendleft(reversed(taken))
        self._number -= len(taken)
        return _parse(text, self._separator, strict=False), "has a stray quotation mark"

    def _told_separator(self) -> str | None:
        """Take the line `sep=;`, by which Excel is told the separator."""
        first = self._ahead[0].strip().strip(_QUOTE) if self._ahead else ""
        if not first.lower().startswith("sep="):
            return None
        told = self._ahead[0].lstrip(_QUOTE)[4:5]
        self._next()
        return told if told.strip() or told == "\t" else None

    def _look_ahead(self) -> None:
        """Take the first lines; what breaks the file behind them is told behind them."""
        try:
            self._ahead.extend(islice(self._source, _SAMPLE))
        except Exception as failure:  # noqa: BLE001 - whatever it is, it is raised in its place
            self._failure = failure

    def _next(self) -> str | None:
        if not self._ahead and self._failure is not None:
            raise self._failure
        text = self._ahead.popleft() if self._ahead else next(self._source, None)
        if text is not None:
            self._number += 1
        return text


def _parse(text: str, separator: str, *, strict: bool) -> list[str]:
    rows = csv.reader([text], delimiter=separator, strict=strict, skipinitialspace=True)
    return [cell.strip() for cell in next(rows, [])]


def _likeliest_separator(lines: Iterable[str]) -> str:
    """Give the separator by which the most lines have the same, and a large, number of cells.

    Commas with a space behind them stand between words, unless there is nothing else.
    """
    texts = list(lines)
    without_prose = [text.replace(_COMMA_OF_PROSE, " ") for text in texts]

    def regularity(separator: str) -> tuple[int, int]:
        return _regularity(without_prose, separator), _regularity(texts, separator)

    return max(_SEPARATORS, key=regularity)


def _regularity(texts: Iterable[str], separator: str) -> int:
    widths = Counter(filter(None, map(_filled, _split(texts, separator))))
    return max((lines * (width - 1) for width, lines in widths.items()), default=0)


def usual_width(rows: Iterable[Sequence[str]]) -> int:
    """Give the number of cells that the rows of a table have, whatever stands around it."""
    widths = Counter(filter(None, map(_filled, rows)))
    return max(widths, key=lambda width: (widths[width] * (width - 1), width), default=1)


def as_header(cells: Sequence[str], width: int) -> list[str] | None:
    """Give the names of columns, if a row is as wide as most are and names more of them than not.

    Others are titles.
    """
    if sum(map(bool, cells)) * 2 <= width or len(cells) < min(width, 2):
        return None
    return [name or f"(column {at})" for at, name in enumerate(cells[: _filled(cells)], start=1)]


def _split(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    for text in lines:
        quoted = _QUOTE in text
        cells = _parse(text, separator, strict=False) if quoted else text.split(separator)
        yield [cell.strip() for cell in cells]


def _filled(cells: Sequence[str]) -> int:
    """Count the cells up to the last that isn't empty."""
    return next((at for at in range(len(cells), 0, -1) if cells[at - 1]), 0)
