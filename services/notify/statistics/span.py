"""A week or a month of the authority's calendar. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


class Length(StrEnum):
    """How long a span is."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Span:
    """Some days.

    Attributes:
        until: The day behind its last one.
    """

    length: Length
    since: date
    until: date

    @classmethod
    def around(cls, day: date, length: Length) -> Self:
        """Give the week, from Monday on, or the month that a day is in."""
        if length is Length.WEEK:
            monday = day - timedelta(days=day.weekday())
            return cls(length, monday, monday + _WEEK)
        first = day.replace(day=1)
        return cls(length, first, (first + 5 * _WEEK).replace(day=1))

    @property
    def last(self) -> date:
        """Its last day."""
        return self.until - _DAY

    @property
    def before(self) -> Self:
        """The one before it."""
        return self.around(self.since - _DAY, self.length)

    @property
    def after(self) -> Self:
        """The one after it."""
        return self.around(self.until, self.length)
