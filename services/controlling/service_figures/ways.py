"""What is shown of how decisions came about: nothing that tells of fewer than seven. Pure."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from services.controlling.service_figures.counts import Figure
from services.controlling.service_figures.process import Cases, Step, Way, together_cases
from services.controlling.service_figures.ranking import at_most
from services.controlling.statistics.suppression import MINIMUM, Withheld, release

COMPLETE = timedelta(days=30)
"""How long a month must be over before it is told: what comes later isn't told of it any more."""


class Spread(NamedTuple):
    """How many days half of the cases took at most, and nine of ten."""

    half: int
    most: int


@dataclass(frozen=True, slots=True)
class Course:
    """How the decisions of a service, or of all, came about.

    Attributes:
        cases: What was counted of them.
    """

    cases: Cases

    def share(self, number: int) -> float:
        """Give which share of the decisions a number of them is."""
        return number / self.cases.decided

    @property
    def steps(self) -> Mapping[Step, Spread | None]:
        """How long each step took; None of fewer than seven cases in which it happened."""
        known = dict(self.cases.days)
        return {step: _spread(known.get(step, ())) for step in Step}


@dataclass(frozen=True, slots=True)
class Courses:
    """How decisions of some days came about; None where that may not be shown.

    Attributes:
        known_on: When that was told first, and so is told since; None while nothing is.
        services: By service, an empty one for what nobody applied for.
        ways: How many went which way, most first; rarer ones are left out.
    """

    first: date
    last: date
    known_on: date | None
    whole: Course | None
    services: Mapping[str, Course | None]
    ways: Sequence[tuple[Way, int]]


def month_of(day: date) -> tuple[date, date]:
    """Give the first and the last day of a month."""
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def last_day_told(until: date, today: date) -> date:
    """Give the last day of the latest month that may be told, and isn't later than that of a day.

    What is told is told of such a month alone. Any two of them have no day in common, so nobody
    takes one from the other to learn of the few decisions by which they differ.
    """
    over = today - COMPLETE
    last = month_of(min(until, over))[1]
    return last if last < over else over.replace(day=1) - timedelta(days=1)


def courses(figures: Iterable[Figure], days: tuple[date, date], known_on: date | None) -> Courses:
    """Put together what was counted of some days, as it was known on one."""
    by_service: dict[str, list[Cases]] = {}
    for one in figures:
        if isinstance(one.counts, Cases):
            by_service.setdefault(one.place, []).append(one.counts)
    services = {service: together_cases(found) for service, found in sorted(by_service.items())}
    cells: dict[str | None, Withheld[Course]] = {None: _withheld(services)}
    for service, cases in services.items():
        cells[service] = _withheld({service: cases})
    shown = release(cells)
    whole = shown.pop(None) if services else None
    named = {service: course for service, course in shown.items() if service is not None}
    return Courses(*days, known_on, whole, named, _ways(together_cases([*services.values()])))


def _withheld(services: Mapping[str, Cases]) -> Withheld[Course]:
    parts = {service: (one.late, one.decided) for service, one in services.items()}
    return Withheld(parts, Course(together_cases([*services.values()])))


def _ways(cases: Cases) -> Sequence[tuple[Way, int]]:
    """Release ways beside the number of all, and leave out what may not be shown."""
    cells: dict[Way | None, Withheld[int]] = {
        way: Withheld({way: (0, number)}, number) for way, number in cases.ways
    }
    cells[None] = Withheld({way: (0, number) for way, number in cases.ways}, cases.decided)
    shown = [
        (way, number)
        for way, number in release(cells).items()
        if way is not None and number is not None
    ]
    return sorted(shown, key=lambda one: (-one[1], one[0]))


def _spread(ascending: Sequence[int]) -> Spread | None:
    half, most = at_most(ascending, 0.5), at_most(ascending, 0.9)
    if half is None or most is None or len(ascending) < MINIMUM:
        return None
    return Spread(half, most)
