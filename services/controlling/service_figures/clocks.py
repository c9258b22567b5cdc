"""Which time limits run for cases, when they end, and what stops them. Pure.

- Inaction: an applicant may sue when three months are over without a decision (§ 75 sentence 2
  VwGO). It runs from the application on and nothing stops it here: whether there was sufficient
  reason to wait is for the court (sentence 3).
- Court's order: who has won such a suit is owed the decision at once.
- Residence card: six months from complete information on (§ 5 (1) FreizügG/EU). It rests while
  documents are missing, and begins anew when they are there.
- Submission: what is handed in online lies at the delivery point of FIT-Connect until it is
  fetched. After three days that reminds the technical contact, after fourteen it turns the
  submission down by itself, and the applicant has applied for nothing.
- Provisional paper: it shows that the title is deemed to continue (§ 81 (3) to (5) AufenthG); at
  its end its holder can show nothing, though the law still protects them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from itertools import chain
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import NamedTuple, Self, TypeVar

from services.controlling.triggers.waiting import Wait
from shared.events.catalogue.case import DocumentsReceived, DocumentsRequested
from shared.events.catalogue.paper import ProvisionalPaperIssued
from shared.events.event import Event
from shared.events.registry import CATALOGUE, Facts
from shared.events.vocabulary import ClockKind
from shared.law.decision_types import DecisionTypes
from shared.law.time_limits import (
    INACTION,
    RESIDENCE_CARD,
    SUBMISSION_REJECTION,
    SUBMISSION_REMINDER,
    TimeLimit,
    TimeLimits,
)
from shared.organisation.calendar import Calendar
from shared.organisation.model import Organisation

STEERING: tuple[type[Facts], ...] = (
    DocumentsRequested,
    DocumentsReceived,
    ProvisionalPaperIssued,
)
"""The types of events that stop clocks, restart them or set their end."""
STAGES = (0, 14, 30)
"""An alarm is raised when so many days are left, the nearest stage alone."""
_STAGES_OF: Mapping[ClockKind, tuple[int, ...]] = MappingProxyType(
    {
        ClockKind.SUBMISSION_REMINDER: (0, 1),
        ClockKind.SUBMISSION_REJECTION: (0, 3, 7),
    }
)
"""Of clocks that are shorter than that."""
NEAR = max(STAGES)
"""A clock stands in the work list when so many days are left, whatever its stages."""
_FORTNIGHT = 14
_KEPT_HERE = "urn:gleichfall:case-file"
_CASE_OF = attrgetter("case_ref")
One = TypeVar("One")

_OF_SUBMISSIONS = (
    (ClockKind.SUBMISSION_REMINDER, SUBMISSION_REMINDER),
    (ClockKind.SUBMISSION_REJECTION, SUBMISSION_REJECTION),
)


class Submission(NamedTuple):
    """What was handed in online and lies at its delivery point; the service may be unknown."""

    case_ref: str
    since: datetime
    service: str


class Kept(NamedTuple):
    """An event as it is kept: whether it can be read shows when its case is looked at."""

    case_ref: str
    sequence: int
    type: str
    at: datetime
    data: str

    def read(self) -> Event:
        """Give the event.

        Raises:
            LookupError, ValueError: no such type is known, or its facts aren't like that.
        """
        facts = CATALOGUE[self.type].read(self.data, strict=True, extra="ignore")
        return Event(f"{self.sequence}", _KEPT_HERE, self.case_ref, self.at, facts, self.sequence)


class Waiting(NamedTuple):
    """What clocks run for, and what steers them, in any order."""

    waits: Sequence[tuple[str, Wait]] = ()
    steering: Sequence[Kept] = ()
    submissions: Sequence[Submission] = ()

    @property
    def cases(self) -> frozenset[str]:
        """For which cases."""
        return frozenset(case for case, _ in self.waits) | {
            one.case_ref for one in self.submissions
        }

    def of(self, cases: Collection[str]) -> Self:
        """Give what there is of some cases alone."""
        return type(self)(
            [one for one in self.waits if one[0] in cases],
            [one for one in self.steering if one.case_ref in cases],
            [one for one in self.submissions if one.case_ref in cases],
        )

    def by_case(self) -> Iterator[tuple[str, Self]]:
        """Give each case with what there is of it."""
        waits = _grouped(self.waits, itemgetter(0))
        steering = _grouped(self.steering, _CASE_OF)
        submissions = _grouped(self.submissions, _CASE_OF)
        for case in self.cases:
            parts = (waits.get(case, ()), steering.get(case, ()), submissions.get(case, ()))
            yield case, type(self)(*parts)


class Clock(NamedTuple):
    """A time limit that runs for a case that waits.

    Attributes:
        kind: Which one.
        case_ref: The case.
        service: What was applied for; empty where that isn't known.
        unit: Who decides on it; empty where that isn't known.
        began: The day from which it runs, or ran until it was stopped.
        last_day: The last day within it; None while it is stopped.
    """

    kind: ClockKind
    case_ref: str
    service: str
    unit: str
    began: date
    last_day: date | None

    def days_left(self, today: date) -> int | None:
        """Give the days until the last one; below 0 once that has passed, None while stopped."""
        return None if self.last_day is None else (self.last_day - today).days

    def stage(self, today: date) -> int | None:
        """Give the nearest stage of alarm that it has reached; None before the first."""
        left, stages = self.days_left(today), _STAGES_OF.get(self.kind, STAGES)
        return None if left is None else next((one for one in stages if left <= one), None)

    def is_near(self, today: date) -> bool:
        """Whether somebody should look at it."""
        left = self.days_left(today)
        return left is not None and left <= NEAR


class Untold(NamedTuple):
    """A case of which no clock can be told, who decides on it if that is known, and why."""

    case_ref: str
    unit: str
    error: Exception


class Running(NamedTuple):
    """Every clock that runs, the nearest end first and stopped ones last; and what lacks."""

    clocks: Sequence[Clock]
    untold: Sequence[Untold]

    def near(self, today: date) -> Sequence[Clock]:
        """Give those at which somebody should look."""
        return [one for one in self.clocks if one.is_near(today)]

    def of_unit(self, unit: str) -> Self:
        """Give what one unit decides on; without a unit everything."""
        return type(self)(
            [one for one in self.clocks if unit in ("", one.unit)],
            [one for one in self.untold if unit in ("", one.unit)],
        )


class Urgency(StrEnum):
    """When a clock ends that stands in the work list."""

    OVER = "over"
    FORTNIGHT = "fortnight"
    MONTH = "month"


def by_urgency(near: Iterable[Clock], today: date) -> Mapping[Urgency, int]:
    """Count clocks of the work list by when they end."""
    found = Counter(_urgency(left) for one in near if (left := one.days_left(today)) is not None)
    return {urgency: found[urgency] for urgency in Urgency}


def _urgency(days_left: int) -> Urgency:
    if days_left < 0:
        return Urgency.OVER
    return Urgency.FORTNIGHT if days_left <= _FORTNIGHT else Urgency.MONTH


@dataclass(frozen=True, slots=True)
class Clocks:
    """The time limits of an authority."""

    organisation: Organisation
    calendar: Calendar
    limits: TimeLimits
    types: DecisionTypes

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        """Give those of an authority, by the law in force here."""
        return cls(organisation, Calendar.of(organisation), TimeLimits.load(), DecisionTypes.load())

    def running(self, known: Waiting) -> Running:
        """Give every clock of what waits; a case that can't be read or reckoned hides no other."""
        reckoning = _Reckoning(self)
        clocks: list[Clock] = []
        untold: list[Untold] = []
        for case, of_case in known.by_case():
            try:
                clocks += reckoning.clocks_of(of_case)
            except Exception as error:  # noqa: BLE001 - whatever is wrong, it is wrong with this case
                untold.append(Untold(case, reckoning.decides_on(of_case), error))
        clocks.sort(key=lambda one: (one.last_day or date.max, one))
        return Running(clocks, sorted(untold, key=_CASE_OF))

    def unit_of(self, service: str) -> str:
        """Give who decides on a service; empty where nobody is known to."""
        group = self.organisation.groups_of_services.get(service)
        unit = None if group is None else self.organisation.unit_of(group)
        return "" if unit is None else unit.key

    def card_by(self, began: date) -> date | None:
        """Give the last day for a residence card whose clock began on a day."""
        found = [one.last_day(began) for one in self.limits.limits if _is_card(one, began)]
        return min(found, default=None)

    def groups_with_card(self, on: date) -> set[str]:
        """Give the groups of decisions that end with a residence card."""
        limits = [one for one in self.limits.limits if _is_card(one, on)]
        return {self.types.group_of(code, on) for limit in limits for code in limit.types}


class _Reckoning:
    """Reckons the clocks of case after case; what holds for a day or a service is asked once."""

    def __init__(self, law: Clocks) -> None:
        self._day_of = law.calendar.day_of
        self._last_day = cache(law.limits.last_day)
        self._unit_of = cache(law.unit_of)
        self._card_by = law.card_by
        self._group_of = law.organisation.groups_of_services.get
        self._groups_with_card = cache(law.groups_with_card)

    def clocks_of(self, known: Waiting) -> set[Clock]:
        """Give those of one case."""
        happened = sorted(map(Kept.read, known.steering), key=attrgetter("time"))
        waits = (self._of_wait(case, wait, happened) for case, wait in known.waits)
        submissions = map(self._of_submission, known.submissions)
        return set(chain.from_iterable(chain(waits, submissions)))

    def decides_on(self, known: Waiting) -> str:
        """Give the unit of one case; empty where it isn't known."""
        services = [wait.service for _, wait in known.waits]
        services += [one.service for one in known.submissions]
        return next(filter(None, map(self._unit_of, services)), "")

    def _of_wait(self, case: str, wait: Wait, happened: Sequence[Event]) -> Iterator[Clock]:
        since, unit = self._day_of(wait.since), self._unit_of(wait.service)
        if wait.ruled:
            yield Clock(ClockKind.COURT_ORDER, case, wait.service, unit, since, since)
            return
        last_day = self._last_day(INACTION, since)
        if last_day is not None:
            yield Clock(ClockKind.INACTION, case, wait.service, unit, since, last_day)
        if self._group_of(wait.service) in self._groups_with_card(since):
            began, stopped = self._complete_since(wait.since, happened)
            last_day = None if stopped else self._card_by(began)
            yield Clock(ClockKind.RESIDENCE_CARD, case, wait.service, unit, began, last_day)
        papers = [one for one in happened if isinstance(one.data, ProvisionalPaperIssued)]
        if papers and isinstance(paper := papers[-1].data, ProvisionalPaperIssued):
            issued = self._day_of(papers[-1].time)
            if issued >= since:  # else it was issued for an earlier application
                kind = ClockKind.PROVISIONAL_PAPER
                yield Clock(kind, case, wait.service, unit, issued, paper.valid_until)

    def _of_submission(self, one: Submission) -> Iterator[Clock]:
        since, unit = self._day_of(one.since), self._unit_of(one.service)
        for kind, limit in _OF_SUBMISSIONS:
            if (last_day := self._last_day(limit, since)) is not None:
                yield Clock(kind, one.case_ref, one.service, unit, since, last_day)

    def _complete_since(self, since: datetime, happened: Iterable[Event]) -> tuple[date, bool]:
        """Give the day from which the information is complete, and whether it isn't any more."""
        began, stopped = since, False
        for event in happened:
            if event.time < since:
                continue
            match event.data:
                case DocumentsRequested():
                    stopped = True
                case DocumentsReceived(complete=complete) if stopped and complete is not False:
                    began, stopped = event.time, False
        return self._day_of(began), stopped


def _is_card(limit: TimeLimit, on: date) -> bool:
    return limit.name == RESIDENCE_CARD and limit.in_force(on)


def _grouped(every: Iterable[One], case_of: Callable[[One], str]) -> Mapping[str, Sequence[One]]:
    found: dict[str, list[One]] = defaultdict(list)
    for one in every:
        found[case_of(one)].append(one)
    return found
