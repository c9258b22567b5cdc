"""Event logs as files: read once from start to end, in flat memory."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, cast

from services.intake.importers.errors import LogBroken, LogUnusable, broken_after
from services.intake.importers.logs.csv_log import read_csv
from services.intake.importers.logs.log_event import LogEvent
from services.intake.importers.logs.ocel import read_ocel
from services.intake.importers.logs.workbook import read_workbook
from services.intake.importers.logs.xes import read_xes
from shared.configuration.text_encoding import Encoding, detect

_GZIP = ".gz"
_XES = ".xes"
_OCEL = ".json"
_TEXTS = frozenset({".csv", ".tsv", ".tab", ".txt"})
_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})


@dataclass(frozen=True, slots=True)
class Told:
    """What is told about how a file is read; the rest is found out.

    Attributes:
        encoding: Of its text, by Python's name.
        separator: What stands between its cells.
        sheet: Which sheet of a workbook.
    """

    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None


class EventLog:
    """An open log.

    Args:
        path: Its file.
        raw: The file, open.
        told: How it is read.
    """

    def __init__(self, path: Path, raw: BinaryIO, told: Told) -> None:
        self._path = path
        self._raw = raw
        self._ending = _ending(path)
        self._told = told

    @property
    def size(self) -> int:
        """How many bytes the file has."""
        return self._path.stat().st_size

    @property
    def names_all_columns(self) -> bool:
        """Whether its kind names all of its columns, used or not."""
        return self._ending not in {_XES, _OCEL}

    @property
    def bytes_read(self) -> int:
        """How far into the file reading has come; for `.gz`, in compressed bytes."""
        return self._raw.tell()

    def events(self) -> Iterator[LogEvent]:
        """Give the events in the order of the file; can be called once.

        Raises:
            LogBroken: The file is damaged; the events before the damage have been given.
        """
        read = 0
        try:
            for event in self._read():
                read += 1
                yield event
        except LogBroken as error:
            raise broken_after(self._path, read, error) from None
        except EOFError:
            raise broken_after(self._path, read, "the gzip data end in the middle") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise broken_after(self._path, read, f"the gzip data are damaged ({error})") from None

    def _read(self) -> Iterator[LogEvent]:
        if self._ending == _XES:
            return read_xes(_unpacked(self._path, self._raw))
        if self._ending == _OCEL:
            return read_ocel(_unpacked(self._path, self._raw))
        if self._ending in _WORKBOOKS:
            return read_workbook(self._raw, self._told.sheet)
        text = _unpacked(self._path, self._raw)
        return read_csv(text, self._text_encoding(), self._told.separator)

    def _text_encoding(self) -> Encoding:
        if self._told.encoding is not None:
            return Encoding(self._told.encoding, clean=False)
        state = self._path.stat()
        return _encoding_of(self._path, state.st_size, state.st_mtime_ns)


@contextmanager
def open_log(path: Path, told: Told | None = None) -> Iterator[EventLog]:
    """Open a log; the end of its name says how to read it.

    Raises:
        LogUnusable: The file can't be opened, or its name has none of the known endings.
    """
    if _ending(path) not in {_XES, _OCEL, *_TEXTS, *_WORKBOOKS}:
        raise LogUnusable(
            f"{path} is no log we read: its name must end in .xes, .json (OCEL), .csv, .tsv, "
            ".txt, or one of them and .gz, or in .xlsx"
        )
    try:
        raw = path.open("rb")
    except OSError as error:
        raise LogUnusable(f"can't open the log {path}: {error.strerror}") from error
    with raw:
        yield EventLog(path, raw, told or Told())


def _ending(path: Path) -> str:
    name = Path(path.name.lower())
    packed = Path(name.stem).suffix
    return packed if name.suffix == _GZIP and packed not in _WORKBOOKS else name.suffix


def _unpacked(path: Path, raw: BinaryIO) -> BinaryIO:
    if not path.name.lower().endswith(_GZIP):
        return raw
    return cast("BinaryIO", gzip.GzipFile(fileobj=raw))


@lru_cache(maxsize=4)
def _encoding_of(path: Path, _size: int, _changed: int) -> Encoding:
    """Look through a file once, though it is read several times."""
    with path.open("rb") as raw:
        return detect(_unpacked(path, raw))
