"""Review periods: calendar months in the authority's time zone."""

import calendar
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One month in which decisions are drawn with one seed."""

    first_day: date

    @property
    def key(self) -> str:
        """The period's name, e.g. `2026-05`."""
        return f"{self.first_day:%Y-%m}"

    @property
    def last_day(self) -> date:
        """The last day that belongs to it."""
        days = calendar.monthrange(self.first_day.year, self.first_day.month)[1]
        return self.first_day.replace(day=days)


def period_of(day: date) -> Period:
    """Give the period of a decision: the month of its day where the authority is."""
    return Period(day.replace(day=1))
