"""Tables as spreadsheets and other systems write them: CSV, read once from start to end."""

import csv
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import BinaryIO

from shared.errors import PermanentError

_SEPARATORS = ",;\t|"
_BYTE_ORDER_MARK = "\ufeff"
_LONGEST_HEADER = 64 * 1024


class LineBroken(PermanentError):
    """One line of a table can't be read."""

    def __init__(self, line: int, reason: str) -> None:
        self.line, self.reason = line, reason
        super().__init__(f"line {line} {reason}")


def read_lines(stream: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """Give number and cells of each line that isn't blank; the first tells the separator.

    Raises:
        LineBroken: The text isn't UTF-8, or its quoting is broken.
    """
    first = _decoded(stream.readline(_LONGEST_HEADER), 1).removeprefix(_BYTE_ORDER_MARK)
    others = (_decoded(line, number) for number, line in enumerate(stream, start=2))
    separator = max(_SEPARATORS, key=first.count)
    rows = csv.reader(chain([first], others), delimiter=separator, strict=True)
    try:
        for cells in rows:
            if cells:
                yield rows.line_num, cells
    except csv.Error as error:
        raise LineBroken(rows.line_num, f"is broken CSV ({error})") from None


def repeated(header: Sequence[str]) -> str | None:
    """Give a column's name that stands twice in a header."""
    return next((name for name in header if header.count(name) > 1), None)


def _decoded(line: bytes, number: int) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise LineBroken(number, "is not UTF-8 text") from None
