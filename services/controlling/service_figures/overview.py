"""How the service stands: today's counters, the telephone of some days, what waits. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.controlling.service_figures.backlog import Backlog, backlog, open_applications
from services.controlling.service_figures.counts import Figure
from services.controlling.service_figures.customer_flow import Flow, Flows, released
from services.controlling.service_figures.emergency_counter import (
    EmergencyCounter,
    Standing,
    standing,
)
from services.controlling.service_figures.fact import Fact
from services.controlling.service_figures.lead_time import LeadTime, lead_times
from services.controlling.service_figures.telephone import Telephone, together
from services.controlling.triggers.waiting import Wait
from shared.organisation.calendar import Calendar
from shared.organisation.model import Office, OpeningHours, Organisation

_DAY = timedelta(days=1)
_BEFORE = timedelta(days=27)
"""Before a last day: with it four weeks."""


@dataclass(frozen=True, slots=True)
class CounterDay:
    """An office's emergency counter on a day.

    Attributes:
        counter: What is known of the day; None while nothing is.
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
    """

    first: date
    last: date
    counters: Sequence[CounterDay]
    telephone: Sequence[TelephoneDay]
    lines: Mapping[str, Telephone]
    flows: Flows
    lead_times: Sequence[LeadTime]
    backlog: Backlog

    @property
    def calls(self) -> Telephone:
        """All days together."""
        return together([one.calls for one in self.telephone])

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


def overview(
    figures: Iterable[Figure],
    waits: Iterable[tuple[str, Wait]],
    offers: Iterable[Fact],
    organisation: Organisation,
    *,
    days: tuple[date, date],
    now: datetime,
) -> Overview:
    """Put together what was counted.

    Args:
        figures: Those of the days.
        waits: What waits now.
        offers: What is known of published slots and of appointments.
        organisation: The authority, with its calendar, counters and goals.
        days: The first and the last of them.
        now: The moment of asking.
    """
    calendar = Calendar.of(organisation)
    found = list(figures)
    lines: dict[str, list[Telephone]] = defaultdict(list)
    by_day: dict[date, list[Telephone]] = defaultdict(list)
    for one in found:
        if isinstance(calls := one.counts, Telephone):
            lines[one.place].append(calls)
            by_day[one.day].append(calls)
    return Overview(
        *days,
        list(counter_days(found, organisation, days, now)),
        [TelephoneDay(day, together(calls)) for day, calls in sorted(by_day.items(), reverse=True)],
        {line: together(calls) for line, calls in sorted(lines.items())},
        released(
            {(one.day, one.place): one.counts for one in found if isinstance(one.counts, Flow)}
        ),
        lead_times(offers, days, calendar, organisation.goals.service.free_within),
        backlog(open_applications(waits, organisation, calendar), calendar, calendar.day_of(now)),
    )


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
    hours_of = {office.key: _hours(office) for office in organisation.offices}
    unknown = sorted({office for _, office in counters} - hours_of.keys())
    grace = organisation.goals.service.counter_opens_within
    first, last = days
    for back in range((last - first).days + 1):
        day = last - back * _DAY
        for office in (*hours_of, *unknown):
            counter = counters.get((day, office))
            hours = calendar.open_times(day, hours_of.get(office, {}))
            found = standing(counter, hours, now, grace)
            if found is not Standing.NO_DAY or counter is not None:
                yield CounterDay(office, day, found, counter)


def _hours(office: Office) -> OpeningHours:
    return {} if office.emergency_counter is None else office.emergency_counter.hours
