"""What came on which working day and still waits for its decision. Pure.

Source of the picture: the workload report of England's legal aid (laa-review-criminal-legal-aid),
"received on that day, still open", by business days. It hides nothing in an average.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import NamedTuple

from services.controlling.statistics.suppression import Withheld, release
from services.controlling.triggers.waiting import Wait
from shared.organisation.calendar import Calendar
from shared.organisation.model import Organisation

_DAY = timedelta(days=1)
SINGLE_DAYS = 10
"""So many working days stand alone; what came before them stands in bands."""
_BANDS = (10, 20, 40, 60)


class Age(NamedTuple):
    """Some working days since an application came, both ends included; the last has no end."""

    first: int
    last: int | None


AGES = (
    *(Age(day, day) for day in range(SINGLE_DAYS)),
    *(
        Age(first, after - 1 if after else None)
        for first, after in zip(_BANDS, (*_BANDS[1:], None), strict=True)
    ),
)


_Cell = tuple[Age | None, str | None]
"""Of which age and in which unit; None for all."""


class Open(NamedTuple):
    """An application that waits: the working day it came on, and whose it is.

    The unit is empty where nobody's is known.
    """

    arrived: date
    unit: str


class Arrival(NamedTuple):
    """What came on some working days, from the first to the last of them, and is still open.

    `first` is None where it reaches back without end, `still_open` where that may not be shown.
    """

    age: Age
    first: date | None
    last: date
    still_open: int | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for its decision.

    Attributes:
        whole: All of it; None where that may not be shown, as everywhere here.
        arrivals: By working day of arrival, the latest first.
        units: By unit.
        by_unit: Of each unit, by working day of arrival.
    """

    whole: int | None
    arrivals: Sequence[Arrival]
    units: Mapping[str, int | None]
    by_unit: Mapping[str, Sequence[Arrival]]

    def of_unit(self, unit: str) -> "Backlog":
        """Give what waits in one unit: lines of the same table, which was released as a whole."""
        none = [one._replace(still_open=0) for one in self.arrivals]
        arrivals = self.by_unit.get(unit, none)
        return Backlog(self.units.get(unit, 0), arrivals, self.units, self.by_unit)


def open_applications(
    waits: Iterable[tuple[str, Wait]], organisation: Organisation, calendar: Calendar
) -> list[Open]:
    """Give what waits; what came on a day off counts for the next working day.

    The unit is the one that decides on what was applied for. A court's order to decide is no
    application, and stands elsewhere.
    """
    units = {
        service: unit.key
        for service, group in organisation.groups_of_services.items()
        if (unit := organisation.unit_of(group)) is not None
    }
    return [
        Open(calendar.on_or_after(calendar.day_of(wait.since)), units.get(wait.service, ""))
        for _, wait in waits
        if not wait.ruled
    ]


def backlog(opened: Sequence[Open], calendar: Calendar, today: date) -> Backlog:
    """Count what is open, and show of the table only what tells nothing about fewer than seven."""
    ages = _ages(calendar, min((one.arrived for one in opened), default=today), today)
    parts = Counter((_group(ages.get(one.arrived, 0)), one.unit) for one in opened)
    units = sorted({unit for _, unit in parts})
    cells: dict[_Cell, Withheld[int]] = {(None, None): _withheld(parts)}
    for age, unit in product((None, *AGES), (None, *units)):
        cells[age, unit] = _withheld(
            {
                part: number
                for part, number in parts.items()
                if age in (None, part[0]) and unit in (None, part[1])
            }
        )
    shown = release(cells)

    def arrivals(unit: str | None) -> Sequence[Arrival]:
        return [_arrival(age, shown[age, unit], calendar, today) for age in AGES]

    return Backlog(
        shown[None, None],
        arrivals(None),
        {unit: shown[None, unit] for unit in units},
        {unit: arrivals(unit) for unit in units},
    )


def _withheld(parts: Mapping[tuple[Age, str], int]) -> Withheld[int]:
    return Withheld({part: (0, number) for part, number in parts.items()}, sum(parts.values()))


def _arrival(age: Age, still_open: int | None, calendar: Calendar, today: date) -> Arrival:
    latest = calendar.on_or_before(today)
    first = None if age.last is None else calendar.working_days_before(latest, age.last)
    return Arrival(age, first, calendar.working_days_before(latest, age.first), still_open)


def _group(age: int) -> Age:
    return next(group for group in reversed(AGES) if group.first <= age)


def _ages(calendar: Calendar, first: date, today: date) -> Mapping[date, int]:
    """Give the age in working days of what came on each working day up to today.

    What counts for a working day to come, because today is none, is as young as can be.
    """
    days = list(calendar.working_days(first, today + _DAY))
    return {day: age for age, day in enumerate(reversed(days))}
