"""Looks through a whole log before its first event is sent: its columns, its dates, its order."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from services.intake.importers.errors import LogBroken
from services.intake.importers.inspection.columns import check_columns, time_columns
from services.intake.importers.inspection.order import Steps
from services.intake.importers.logs.log_event import LogEvent
from services.intake.importers.logs.logs import EventLog, Told, open_log
from services.intake.importers.logs.progress import progress
from services.intake.importers.mapping.dates import Order
from services.intake.importers.mapping.mapping import Layout, LogMapping
from services.intake.importers.mapping.rules import TimeColumn, name_of
from services.intake.importers.values.date_proof import Dates, Orders, Proof
from services.intake.importers.values.values import time_text

Read = Callable[[], Iterable[LogEvent]]
"""Gives the events of the log from its beginning, each time anew."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the whole log says about how to read it.

    Attributes:
        dates: Reads its times.
        orders: The orders of days that rows prove.
        backward: Steps back in time within cases.
        newest_first: Whether the log runs from its end to its beginning.
    """

    dates: Dates
    orders: Orders
    backward: int
    newest_first: bool


def opened(file: Path, mapping: LogMapping) -> AbstractContextManager[EventLog]:
    """Open a log as its mapping says.

    Raises:
        LogUnusable: The file can't be opened, or is of a kind that we don't read.
    """
    layout = mapping.log
    return open_log(file, Told(layout.encoding, layout.separator, layout.sheet))


def look_through(file: Path, mapping: LogMapping) -> Inspection:
    """Look through the log in a file, with a bar that shows how far.

    Raises:
        LogUnusable: The file can't be opened.
        MappingUnfit, DatesUnclear, OrderUnclear: as in `inspect`.
    """

    def read() -> Iterator[LogEvent]:
        with opened(file, mapping) as log, progress(log, "looking through it") as events:
            yield from events

    with opened(file, mapping) as log:
        complete = log.names_all_columns
    return inspect(read, mapping, columns_complete=complete)


def inspect(read: Read, mapping: LogMapping, *, columns_complete: bool) -> Inspection:
    """Look through a log; a damaged one up to its damage.

    Args:
        read: Gives its events; called twice when the order of days follows only from its end.
        mapping: What its columns mean.
        columns_complete: Whether a log of this kind names all of its columns, used or not.

    Raises:
        MappingUnfit: The mapping names columns that aren't there.
        DatesUnclear: Days can be read in more than one way.
        OrderUnclear: Cases run backwards, and the mapping doesn't say what to do.
        LogBroken: The log is damaged and no table: half of a case is none.
    """
    look = _Look(mapping, rows=columns_complete)
    look.through(read())
    if look.events:
        check_columns(mapping, look.columns, complete=columns_complete)
    orders = look.proof.orders()
    dates = Dates(mapping, orders)
    if _not_as_read(orders.get(name_of(mapping.log.time), {})):
        look.steps = _steps(read(), mapping, dates)
    if mapping.sort is None:
        look.steps.refuse()
    return Inspection(dates, orders, look.steps.backward, look.steps.newest_first)


def _not_as_read(orders: Mapping[str, Order]) -> bool:
    """Tell whether days stand otherwise than the first look took them."""
    return any((mark, order) != (".", Order.DAY_FIRST) for mark, order in orders.items())


class _Look:
    def __init__(self, mapping: LogMapping, *, rows: bool) -> None:
        self.events = 0
        self._rows = rows
        self.columns: set[str] = set()
        self.proof = Proof(mapping)
        self.steps = Steps()
        self._mapping = mapping
        self._zone = ZoneInfo(mapping.time_zone)
        times: dict[TimeColumn, bool] = dict(time_columns(mapping))
        times.pop(mapping.log.time)
        self._others = [(column, name_of(column), exact) for column, exact in times.items()]

    def through(self, events: Iterable[LogEvent]) -> None:
        layout, absent = self._mapping.log, self._mapping.missing
        sent = _sent(self._mapping)
        name = name_of(layout.time)
        try:
            for event in events:
                values = event.values
                self.events += 1
                self.columns.update(values)
                for column, label, exact in self._others:
                    text = time_text(column, values)
                    if text and text not in absent:
                        self.proof.look(label, text, exact=exact)
                text = time_text(layout.time, values)
                if not text or text in absent:
                    continue
                at = self.proof.look(name, text, exact=True)
                if at is not None and _is_sent(layout, values, sent):
                    self._step(values.get(layout.case), at, event)
        except LogBroken:
            if not self._rows:
                raise
            # Of a table the import sends what stands before, and tells of the damage then.

    def _step(self, case: str | None, at: datetime, event: LogEvent) -> None:
        if case:
            aware = at if at.tzinfo else at.replace(tzinfo=self._zone)
            self.steps.note(case, aware, event)


def _steps(events: Iterable[LogEvent], mapping: LogMapping, dates: Dates) -> Steps:
    """Count the steps when the dates are known."""
    layout, absent = mapping.log, mapping.missing
    name, sent, steps = name_of(layout.time), _sent(mapping), Steps()
    try:
        for event in events:
            text, case = time_text(layout.time, event.values), event.values.get(layout.case)
            if not text or text in absent or not case:
                continue
            if not _is_sent(layout, event.values, sent):
                continue
            try:
                steps.note(case, dates.moment(name, text), event)
            except (ValueError, OverflowError):
                continue
    except LogBroken:
        pass  # as above
    return steps


def _sent(mapping: LogMapping) -> frozenset[str]:
    """Give the activities that become events; the order of the others is of no account."""
    return frozenset(activity for activity, _ in mapping.events())


def _is_sent(layout: Layout, values: Mapping[str, str], sent: frozenset[str]) -> bool:
    if layout.activity_of(values) not in sent:
        return False
    return layout.when is None or layout.when.holds(values)
