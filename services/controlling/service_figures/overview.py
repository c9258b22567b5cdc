"""How the service stands: today's counters, the telephone of some days, what waits. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain
from typing import TypeVar

from services.controlling.service_figures.backlog import Backlog, backlog, open_applications
from services.controlling.service_figures.counts import Figure
from services.controlling.service_figures.customer_flow import Flow, Flows, released
from services.controlling.service_figures.emergency_counter import (
    EmergencyCounter,
    Standing,
    standing,
)
from services.controlling.service_figures.filled_posts import Arrivals, Load, Staffing, load
from services.controlling.service_figures.lead_time import LeadTime, lead_times
from services.controlling.service_figures.telephone import Telephone, together
from services.controlling.service_figures.visits import Visits, together_visits
from services.controlling.triggers.waiting import Wait
from shared.organisation.calendar import Calendar
from shared.organisation.model import Organisation

_Key = TypeVar("_Key", date, str)
_Counts = TypeVar("_Counts", Telephone, Visits)
_DAY = timedelta(days=1)
_BEFORE = timedelta(days=27)
"""Before a last day: with it four weeks."""


@dataclass(frozen=True, slots=True)
class CounterDay:
    """An office's emergency counter on a day.

    Attributes:
        counter: What is known of the day; None while nothing is. Until its slots are told, it has
            those of the authority's description.
    """

    office: str
    day: date
    standing: Standing
    counter: EmergencyCounter | None

    @property
    def alarming(self) -> bool:
        """Whether somebody must act: it isn't open though it should be, or is overbooked."""
        return self.standing is Standing.MISSING or bool(self.counter and self.counter.overbooked)


@dataclass(frozen=True, slots=True)
class TelephoneDay:
    """All lines together on a day."""

    day: date
    calls: Telephone


@dataclass(frozen=True, slots=True)
class Overview:
    """How the service stood on some days, and stands now.

    Attributes:
        counters: Each counter on each day on which it should have opened or did, the latest first.
        telephone: Each day with calls, the latest first.
        lines: The same days by line.
        lead_times: Of each service, at the end of the last day.
        flows: What became of appointments, as far as it may be shown.
        backlog: What waits now, whatever the days.
        visits: Who came in vain, by office.
        load: What comes and waits for each filled post.
        calls_for_each_open: Calls about how far a case is, for each application that waits; None
            while nobody says what calls are about, and of days from which today is far: what
            waited then isn't known.
        current: Whether the last day is today.
    """

    first: date
    last: date
    counters: Sequence[CounterDay]
    telephone: Sequence[TelephoneDay]
    lines: Mapping[str, Telephone]
    flows: Flows
    lead_times: Sequence[LeadTime]
    backlog: Backlog
    visits: Mapping[str, Visits]
    load: Load
    calls_for_each_open: float | None
    current: bool

    @property
    def calls(self) -> Telephone:
        """All days together."""
        return together([one.calls for one in self.telephone])

    def of_unit(self, unit: str, organisation: Organisation) -> "Overview":
        """Give the same with what waits in one unit, and the lead times of its services."""
        groups = organisation.groups_of_services
        owners = {service: organisation.unit_of(group) for service, group in groups.items()}
        times = [
            one
            for one in self.lead_times
            if (owner := owners.get(one.service)) is not None and owner.key == unit
        ]
        return replace(self, lead_times=times, backlog=self.backlog.of_unit(unit))

    def counters_on(self, day: date) -> list[CounterDay]:
        """Give the counters of one day."""
        return [one for one in self.counters if one.day == day]


def four_weeks(today: date, latest: date | None, told: date | None) -> tuple[date, date]:
    """Give the first and the last of four weeks up to today.

    When there are no figures of them, the four weeks up to the last day that has some: who looks
    at an authority that is no longer told anything sees when that began.

    Args:
        today: The authority's day.
        latest: The last day up to it that has any figures; None without.
        told: The same without appointments, which lie ahead of what is told.
    """
    quiet = latest is not None and latest < today - _BEFORE
    last = (told or latest or today) if quiet else today
    return last - _BEFORE, last


@dataclass(frozen=True, slots=True)
class Known:
    """What an overview is put together from.

    Attributes:
        figures: Those of the days.
        around: Those of appointments and published slots, also of days around.
        staffing: What was said about posts, up to the last day.
        waits: What waits now.
    """

    figures: Sequence[Figure]
    around: Sequence[Figure]
    staffing: Sequence[Figure]
    waits: Sequence[tuple[str, Wait]]


def overview(
    known: Known, organisation: Organisation, *, days: tuple[date, date], now: datetime
) -> Overview:
    """Put together what was counted.

    Args:
        known: What was counted, and waits.
        organisation: The authority, with its calendar, counters and goals.
        days: The first and the last day.
        now: The moment of asking.
    """
    calendar = Calendar.of(organisation)
    today = calendar.day_of(now)
    by_day = _places_of(known.figures, Telephone, key=_day)
    lines = _places_of(known.figures, Telephone, key=_place)
    waiting = backlog(open_applications(known.waits, organisation, calendar), calendar, today)
    current = days[1] == today
    return Overview(
        *days,
        list(counter_days(known.figures, organisation, days, now)),
        [TelephoneDay(day, together(calls)) for day, calls in sorted(by_day.items(), reverse=True)],
        {line: together(calls) for line, calls in sorted(lines.items())},
        released({
            (one.day, one.place): one.counts
            for one in known.figures
            if isinstance(one.counts, Flow)
        }),
        lead_times(known.around, days, calendar, organisation.goals.service.free_within),
        waiting,
        {
            office: together_visits(visits)
            for office, visits in sorted(_places_of(known.figures, Visits, key=_place).items())
        },
        _load(known, days, waiting.whole if current else None),
        _for_each(waiting.whole if current else None, together([*chain(*lines.values())])),
        current,
    )  # fmt: skip


def _for_each(waiting: int | None, calls: Telephone) -> float | None:
    return calls.about_state / waiting if waiting and calls.topics else None


def _load(known: Known, days: tuple[date, date], waiting: int | None) -> Load:
    arrivals = {
        one.day: one.counts.received for one in known.figures if isinstance(one.counts, Arrivals)
    }
    staffing = {one.day: one.counts for one in known.staffing if isinstance(one.counts, Staffing)}
    return load(arrivals, staffing, waiting, days)


def _places_of(
    figures: Iterable[Figure], kind: type[_Counts], *, key: Callable[[Figure], _Key]
) -> Mapping[_Key, list[_Counts]]:
    """Give what was counted of one kind, by day or by place."""
    found: dict[_Key, list[_Counts]] = defaultdict(list)
    for one in figures:
        if isinstance(one.counts, kind):
            found[key(one)].append(one.counts)
    return found


def _day(figure: Figure) -> date:
    return figure.day


def _place(figure: Figure) -> str:
    return figure.place


def counter_days(
    figures: Iterable[Figure], organisation: Organisation, days: tuple[date, date], now: datetime
) -> Iterator[CounterDay]:
    """Give each counter on each of some days on which it should have opened or did.

    One whose office the organisation doesn't know stands behind the others: it should never open.
    """
    calendar = Calendar.of(organisation)
    counters = {
        (one.day, one.place): one.counts
        for one in figures
        if isinstance(one.counts, EmergencyCounter)
    }
    described_of = {office.key: office.emergency_counter for office in organisation.offices}
    unknown = sorted({office for _, office in counters} - described_of.keys())
    grace = organisation.goals.service.counter_opens_within
    first, last = days
    for back in range((last - first).days + 1):
        day = last - back * _DAY
        for office in (*described_of, *unknown):
            described = described_of.get(office)
            hours = calendar.open_times(day, {} if described is None else described.hours)
            counter = counters.get((day, office))
            if counter is not None and counter.slots is None and described is not None and hours:
                counter = replace(counter, slots=described.slots)
            found = standing(counter, hours, now, grace)
            if found is not Standing.NO_DAY or counter is not None:
                yield CounterDay(office, day, found, counter)
