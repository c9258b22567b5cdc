"""Which events of a log were sent before and aren't in it any more: a table of them (CSV)."""

import csv
from typing import TextIO

from services.intake.outcome import SentEvent

_COLUMNS = ("case", "number", "type", "id", "line")


class Vanished:
    """Writes a row for each.

    `line` is where their case begins in the log as it is now; it is empty where the whole case is
    gone, and in formats without lines.
    """

    def __init__(self, out: TextIO) -> None:
        self._rows = csv.writer(out, lineterminator="\n")
        self._rows.writerow(_COLUMNS)

    def note(self, event: SentEvent, line: int | None) -> None:
        """Write one down."""
        where = "" if line is None else line
        self._rows.writerow((event.subject, event.sequence, event.type, event.id, where))
