"""A log as a table with a row per case, for figures: what was decided, by whom of the units, how.

Deciders are in no column, so that no figure about one of them can be made of it.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TextIO
from zoneinfo import ZoneInfo

from services.intake.importers.logs.log_event import LogEvent
from services.intake.importers.mapping.case_columns import (
    Among,
    CaseColumn,
    Happened,
    Later,
    Recorded,
)
from services.intake.importers.mapping.mapping import LogMapping
from services.intake.importers.values.date_proof import Dates
from services.intake.importers.values.identifiers import is_lost
from services.intake.importers.values.values import Values, ValueUnusable, time_text
from shared.security.pseudonyms import Pseudonymiser, PseudonymKind


@dataclass(slots=True)
class _Case:
    activities: set[str] = field(default_factory=set)
    cells: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """What a table holds.

    Attributes:
        cases: Its rows.
        unreadable: Values of the log that the mapping couldn't read; their cells are empty.
    """

    cases: int
    unreadable: int


class CaseTable:
    """Fills the columns that a mapping has for cases; keeps a row for each in memory."""

    def __init__(self, mapping: LogMapping, pseudonymiser: Pseudonymiser, dates: Dates) -> None:
        zone = ZoneInfo(mapping.time_zone)
        self._mapping = mapping
        self._values = Values(mapping.source, zone, dates, pseudonymiser)
        self._cases: dict[str, _Case] = {}
        self._unreadable = 0

    def take(self, event: LogEvent) -> None:
        """Read one event; one that belongs to no case tells nothing."""
        layout = self._mapping.log
        case_id = event.values.get(layout.case)
        if event.defect is not None or not case_id:
            return
        if is_lost(case_id):
            self._unreadable += 1
            return
        case = self._cases.setdefault(case_id, _Case())
        activity = layout.activity_of(event.values)
        case.activities.add(activity)
        absent = self._mapping.missing
        texts = {name: text for name, text in event.values.items() if text and text not in absent}
        for name, column in self._mapping.cases.items():
            if column.of and activity not in column.of:
                continue
            if case.cells.get(name) != "yes":  # the first value stays; a later yes counts
                self._fill(case, name, column, texts)

    def write(self, file: TextIO) -> Written:
        """Write the table as CSV."""
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["case", *self._mapping.cases])
        for case_id, case in self._cases.items():
            pseudonym = self._values.pseudonym(PseudonymKind.CASE, case_id)
            cells = [self._cell(case, name) for name in self._mapping.cases]
            writer.writerow([pseudonym, *cells])
        return Written(len(self._cases), self._unreadable)

    def _fill(self, case: _Case, name: str, column: CaseColumn, texts: Mapping[str, str]) -> None:
        match column:
            case Recorded() if name not in case.cells:
                self._record(case, name, column, texts)
            case Among() if column.source in texts:
                case.cells[name] = _yes(texts[column.source] in column.among)
            case Later() if time_text(column.later, texts) and time_text(column.than, texts):
                self._compare(case, name, column, texts)

    def _record(self, case: _Case, name: str, column: Recorded, texts: Mapping[str, str]) -> None:
        try:
            value = self._values.value(column, texts, at=None)
        except ValueUnusable:
            self._unreadable += 1
        else:
            if value is not None:
                case.cells[name] = str(value)

    def _compare(self, case: _Case, name: str, column: Later, texts: Mapping[str, str]) -> None:
        try:
            moments = [self._values.moment(one, texts) for one in (column.later, column.than)]
        except ValueUnusable:
            self._unreadable += 1
        else:
            case.cells[name] = _yes(moments[0] > moments[1])

    def _cell(self, case: _Case, name: str) -> str:
        column = self._mapping.cases[name]
        if isinstance(column, Happened):
            return _yes(not column.happened.isdisjoint(case.activities))
        return case.cells.get(name, "")


def tabulate(
    events: Iterable[LogEvent],
    mapping: LogMapping,
    pseudonymiser: Pseudonymiser,
    dates: Dates,
    file: TextIO,
) -> Written:
    """Read a log to its end and write its cases."""
    table = CaseTable(mapping, pseudonymiser, dates)
    for event in events:
        table.take(event)
    return table.write(file)


def _yes(holds: bool) -> str:  # noqa: FBT001 - it is what is written
    return "yes" if holds else "no"
