"""One event of a log, whatever the format of its file."""

from collections.abc import Mapping
from typing import NamedTuple

CASE_PREFIX = "case:"
"""Begins the name of every value that belongs to the case and not to one of its events."""


class LogEvent(NamedTuple):
    """One event as the log holds it: texts by the name of their attribute or column.

    Attributes:
        values: What it holds.
        defect: What makes the record itself unusable, e.g. a row with too few values.
        line: Where it begins in the file, if lines tell.
    """

    values: Mapping[str, str]
    defect: str | None = None
    line: int | None = None

    @property
    def where(self) -> str:
        """Say where it stands."""
        return "without a line" if self.line is None else f"in line {self.line:,}"
