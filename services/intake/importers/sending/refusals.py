"""Where the refused events of a log stand: the first lines of each reason, and all in a file."""

import csv
from collections import defaultdict
from typing import TextIO

SHOWN = 5
_COLUMNS = ("line", "activity", "reason")


class Refusals:
    """Notes where each refused event stands; memory holds a few lines of each reason."""

    def __init__(self, out: TextIO | None = None) -> None:
        """Begin; `out` takes a row of a table (CSV) for every refused event of the log."""
        self._lines: defaultdict[str, list[int]] = defaultdict(list)
        self._rows = None if out is None else csv.writer(out, lineterminator="\n")
        if self._rows is not None:
            self._rows.writerow(_COLUMNS)

    def note(self, name: str, reason: str, line: int | None) -> None:
        """Note one, of an activity and with its reason; formats without lines have none."""
        if self._rows is not None:
            self._rows.writerow(("" if line is None else line, name, reason))
        first = self._lines[f"{name}: {reason}"]
        if line is not None and len(first) < SHOWN:
            first.append(line)

    def first(self, reason: str) -> list[int]:
        """Give the lines noted first for a reason, in the order in which they were refused."""
        return self._lines.get(reason, [])
