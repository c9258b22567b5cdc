"""Which times and days can be, and which contradict each other; pure.

A system whose clock or data base has no time writes the first or the last one it knows. Nobody can
reckon with those, so they end here, and not in each place that adds a day to them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self

from shared.events.days import WEEK, dated
from shared.events.envelope import EARLIEST, PLANS_AHEAD
from shared.events.errors import Defect, EventError, FieldError
from shared.events.registry import Facts
from shared.law.months import add_months

_AHEAD = frozenset({"starts", "ends", "due", "day", "valid_until"})
"""Fields that name an appointment, a deadline or an end; every other time or day is a fact."""
_STARTS, _ENDS = "starts", "ends"
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Reach:
    """How far times may lie from now.

    Attributes:
        earliest: The first day of all.
        facts_ahead: Years for days of facts, as when a law begins to be in force.
        plans_ahead: Years for appointments and deadlines.
        decisions_behind: How old a decision may be that doesn't say why it is told now.
    """

    earliest: date = EARLIEST
    facts_ahead: int = 50
    plans_ahead: int = PLANS_AHEAD
    decisions_behind: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Span:
    """The days between which times may lie, at one moment; the last ones are included."""

    first: date
    last_fact: date
    last_plan: date

    @classmethod
    def at(cls, now: datetime, reach: Reach) -> Self:
        """Give the span as it is at `now`."""
        today = now.astimezone(UTC).date()
        return cls(
            reach.earliest,
            add_months(today, _MONTHS * reach.facts_ahead),
            add_months(today, _MONTHS * reach.plans_ahead),
        )

    def fault(self, value: date, *, ahead: bool = False) -> str | None:
        """Say what is wrong with a day or a point in time; None when it can be."""
        last = self.last_plan if ahead else self.last_fact
        if self.first <= _day(value) <= last:
            return None
        return f"must lie between {self.first} and {last}" + (
            "; leave it out, or write null, when there is no end" if ahead else ""
        )


def check(data: Facts, span: Span) -> None:
    """Look at every time of an event's data.

    Raises:
        EventError: naming each field that can't be.
    """
    fields = dated(type(data))
    if not fields:
        return
    if implausible := [*_implausible(data, fields, span)]:
        raise EventError(Defect.TIME_IMPLAUSIBLE, *implausible)
    if _ENDS not in fields or (ends := getattr(data, _ENDS)) is None:
        return
    if ends <= getattr(data, _STARTS):
        raise EventError(
            Defect.TIME_IMPLAUSIBLE, FieldError(f"data.{_ENDS}", f"must lie after {_STARTS}")
        )


def _implausible(data: Facts, fields: tuple[str, ...], span: Span) -> Iterator[FieldError]:
    for name in fields:
        value = getattr(data, name)
        if value is None:
            continue
        fault = (
            _fault_of_week(value, span) if name == WEEK else span.fault(value, ahead=name in _AHEAD)
        )
        if fault is not None:
            yield FieldError(f"data.{name}", fault)


def _fault_of_week(week: str, span: Span) -> str | None:
    try:
        monday = date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
    except ValueError:
        return "there is no such week in that year (ISO 8601)"
    return span.fault(monday)


def _day(value: date) -> date:
    """Give the day of a time where it was written: the first and last hours don't exist in UTC."""
    return value.date() if isinstance(value, datetime) else value
