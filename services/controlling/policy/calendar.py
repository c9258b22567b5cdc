"""Review periods: calendar months, quarters or years in the authority's time zone."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from services.controlling.policy.errors import NoPeriodAfter
from shared.law.months import add_months


class PeriodLength(StrEnum):
    """How long decisions are drawn with one seed, and how often figures are made of them."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def months(self) -> int:
        """How many months that is."""
        return _MONTHS[self]


_NAME = re.compile(r"([1-9]\d{3})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")
_MONTHS = {PeriodLength.MONTH: 1, PeriodLength.QUARTER: 3, PeriodLength.YEAR: 12}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The time in which decisions are drawn with one seed."""

    first_day: date
    length: PeriodLength = PeriodLength.MONTH

    @classmethod
    def named(cls, key: str) -> Self:
        """Undo `key`.

        Raises:
            ValueError: not the name of a period.
        """
        found = _NAME.fullmatch(key)
        if found is None:
            raise ValueError(f"{key} names no period")
        year, quarter, month = found.groups()
        if quarter is not None:
            return cls(date(int(year), 3 * int(quarter) - 2, 1), PeriodLength.QUARTER)
        length = PeriodLength.YEAR if month is None else PeriodLength.MONTH
        return cls(date(int(year), int(month or 1), 1), length)

    @property
    def key(self) -> str:
        """The period's name: `2026-05`, `2026-Q2` or `2026`."""
        match self.length:
            case PeriodLength.MONTH:
                return f"{self.first_day:%Y-%m}"
            case PeriodLength.QUARTER:
                return f"{self.first_day:%Y}-Q{(self.first_day.month + 2) // 3}"
            case PeriodLength.YEAR:
                return f"{self.first_day:%Y}"

    @property
    def last_day(self) -> date:
        """The last day that belongs to it."""
        return self.next.first_day - timedelta(days=1)

    @property
    def next(self) -> "Period":
        """The period after it.

        Raises:
            NoPeriodAfter: the calendar ends with this one.
        """
        if self == period_of(date.max, self.length):
            raise NoPeriodAfter(self.key)
        return Period(add_months(self.first_day, self.length.months), self.length)


def period_of(day: date, length: PeriodLength = PeriodLength.MONTH) -> Period:
    """Give the period that a day belongs to."""
    month = day.month - (day.month - 1) % length.months
    return Period(day.replace(month=month, day=1), length)
