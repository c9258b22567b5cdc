"""One event of a log, whatever the format of its file."""

from collections.abc import Mapping
from dataclasses import dataclass

CASE_PREFIX = "case:"
"""Begins the name of every value that belongs to the case and not to one of its events."""


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event as the log holds it: texts by the name of their attribute or column.

    `defect` says what makes the record itself unusable, e.g. a row with too few values.
    """

    values: Mapping[str, str]
    defect: str | None = None
