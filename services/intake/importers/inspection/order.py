"""Whether the cases of a log run forwards, and a log in the order of time where they don't."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import blake2b

from services.intake.importers.errors import LogBroken, OrderUnclear
from services.intake.importers.logs.log_event import LogEvent
from services.intake.importers.mapping.rules import TimeColumn, name_of
from services.intake.importers.values.date_proof import Dates
from services.intake.importers.values.values import time_text

_LATEST = "CREATE TABLE latest (name BLOB PRIMARY KEY, moment REAL) WITHOUT ROWID"
_ROWS = "CREATE TABLE rows (moment REAL, place INTEGER, event TEXT)"
_READ_ROWS = "SELECT event FROM rows ORDER BY moment, place"


class Steps:
    """Counts the steps from each event of a case to its next one, in the order of the log.

    The latest times of the recent cases are in memory, the others in a file that is gone with the
    process, so memory doesn't grow with the log.
    """

    def __init__(self, *, recent: int = 50_000) -> None:
        self.forward = self.backward = 0
        self.first_backward: LogEvent | None = None
        self._limit = recent
        self._recent: dict[str, float] = {}
        self._file: sqlite3.Connection | None = None

    @property
    def newest_first(self) -> bool:
        """Whether the whole log runs from its end to its beginning."""
        return self.backward > 0 and not self.forward

    def note(self, case: str, at: datetime, event: LogEvent) -> None:
        """Take the next event of the log."""
        moment = at.timestamp()
        before = self._recent.get(case)
        if before is None:
            before = self._recall(case)
        self._recent[case] = moment
        if before is None or before == moment:
            return
        if moment > before:
            self.forward += 1
            return
        self.backward += 1
        if self.first_backward is None:
            self.first_backward = event

    def refuse(self) -> None:
        """Refuse a log whose cases run backwards.

        Raises:
            OrderUnclear: They do; with the remedy.
        """
        if self.first_backward is None:
            return
        whole = "The log runs from the newest event to the oldest. " if self.newest_first else ""
        raise OrderUnclear(
            f"{self.backward:,} events are older than the one before them in their case, the first "
            f"{self.first_backward.where}. {whole}Nothing was sent. Say in the mapping "
            "'sort: time' to send them in the order of time, or 'sort: as-written' if they "
            "happened so"
        )

    def _recall(self, case: str) -> float | None:
        if len(self._recent) >= self._limit:
            self._put_away()
        if self._file is None:
            return None
        row = self._file.execute("SELECT moment FROM latest WHERE name = ?", (_name(case),))
        return next((float(moment) for (moment,) in row), None)

    def _put_away(self) -> None:
        if self._file is None:
            self._file = _private_file(_LATEST)
        rows = ((_name(case), moment) for case, moment in self._recent.items())
        self._file.execute("BEGIN")
        self._file.executemany("INSERT OR REPLACE INTO latest VALUES (?, ?)", rows)
        self._file.execute("COMMIT")
        self._recent.clear()


def sorted_by_time(
    events: Iterable[LogEvent], dates: Dates, time: TimeColumn, *, newest_first: bool
) -> Iterator[LogEvent]:
    """Give the events in the order of their times, equal ones as they stand in the log.

    Args:
        events: The log.
        dates: Reads its times.
        time: Where they are.
        newest_first: Whether of equal ones the last stands first in the log.

    Raises:
        LogBroken: The log is damaged; what stood before has been given.
    """
    file = _private_file(_ROWS)
    broken: LogBroken | None = None
    file.execute("BEGIN")
    step = -1 if newest_first else 1
    try:
        for place, event in enumerate(events):
            row = (_moment(event, dates, time), step * place, json.dumps(event))
            file.execute("INSERT INTO rows VALUES (?, ?, ?)", row)
    except LogBroken as error:
        broken = error
    file.execute("COMMIT")
    for (text,) in file.execute(_READ_ROWS):
        yield LogEvent(*json.loads(text))
    if broken is not None:
        raise broken


def _moment(event: LogEvent, dates: Dates, time: TimeColumn) -> float | None:
    text = time_text(time, event.values)
    if text is None:
        return None
    try:
        return dates.moment(name_of(time), text).timestamp()
    except (ValueError, OverflowError):
        return None


def _name(case: str) -> bytes:
    return blake2b(case.encode(errors="surrogatepass"), digest_size=16).digest()


def _private_file(schema: str) -> sqlite3.Connection:
    """Make a file without a name, which is gone with the process."""
    file = sqlite3.connect("", isolation_level=None)
    file.execute("PRAGMA journal_mode = OFF")
    file.execute(schema)
    return file
