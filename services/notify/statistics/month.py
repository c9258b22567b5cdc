"""A month of the authority's calendar. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

_DAY, _INTO_THE_NEXT = timedelta(days=1), timedelta(days=35)


@dataclass(frozen=True, slots=True)
class Month:
    """All days of a month.

    Attributes:
        until: The day behind its last one.
    """

    since: date
    until: date

    @classmethod
    def around(cls, day: date) -> Self:
        """Give the month that a day is in."""
        first = day.replace(day=1)
        return cls(first, (first + _INTO_THE_NEXT).replace(day=1))

    @property
    def last(self) -> date:
        """Its last day."""
        return self.until - _DAY

    @property
    def before(self) -> Self:
        """The one before it."""
        return self.around(self.since - _DAY)

    @property
    def after(self) -> Self:
        """The one after it."""
        return self.around(self.until)
