"""Event logs as files: read once from start to end, in flat memory."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from services.intake.importers.csv_log import read_csv
from services.intake.importers.errors import LogBroken, LogUnusable, broken_after
from services.intake.importers.log_event import LogEvent
from services.intake.importers.xes import read_xes

Reader = Callable[[BinaryIO], Iterator[LogEvent]]
_READERS: dict[str, Reader] = {".xes": read_xes, ".csv": read_csv}
_GZIP = ".gz"


class EventLog:
    """An open log."""

    def __init__(self, path: Path, raw: BinaryIO) -> None:
        name = path.name.lower()
        self._path = path
        self._raw = raw
        self._packed = name.endswith(_GZIP)
        self._read = _READERS[Path(name.removesuffix(_GZIP)).suffix]

    @property
    def size(self) -> int:
        """How many bytes the file has."""
        return self._path.stat().st_size

    @property
    def names_all_columns(self) -> bool:
        """Whether its kind names all of its columns, used or not."""
        return self._read is not read_xes

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
            for event in self._read(self._stream()):
                read += 1
                yield event
        except LogBroken as error:
            raise broken_after(self._path, read, error) from None
        except EOFError:
            raise broken_after(self._path, read, "the gzip data end in the middle") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise broken_after(self._path, read, f"the gzip data are damaged ({error})") from None

    def _stream(self) -> BinaryIO:
        if not self._packed:
            return self._raw
        return cast("BinaryIO", gzip.GzipFile(fileobj=self._raw))


@contextmanager
def open_log(path: Path) -> Iterator[EventLog]:
    """Open a log; the end of its name says how to read it.

    Raises:
        LogUnusable: The file can't be opened, or its name has none of the known endings.
    """
    if Path(path.name.lower().removesuffix(_GZIP)).suffix not in _READERS:
        raise LogUnusable(f"{path} is no log we read: its name must end in .xes or .csv, or .gz")
    try:
        raw = path.open("rb")
    except OSError as error:
        raise LogUnusable(f"can't open the log {path}: {error.strerror}") from error
    with raw:
        yield EventLog(path, raw)
