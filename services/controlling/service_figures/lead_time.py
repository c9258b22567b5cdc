"""Lead time (Terminvorlauf): how long one waits for an appointment, in working days. Pure.

The first free slot flatters: it may be one that was just cancelled. So the third next available
stands beside it (M. Murray, D. Berwick, "Advanced Access", JAMA 289 (2003)). Both are what somebody
would have been offered at the end of a day, on the days after it; emergency slots are none of them.
What broke elsewhere (eappointment ZMSKVR-331, -770): slots that were published later counted for
days before, and moved appointments held two slots.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.controlling.service_figures.fact import Fact
from services.controlling.service_figures.ranking import at_most
from services.controlling.statistics.suppression import Withheld, release_parts
from shared.events.catalogue.appointment import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentCapacityPublished,
    AppointmentRescheduled,
)
from shared.organisation.calendar import Calendar

_DAY = timedelta(days=1)
_THIRD = 3
LOOKED_BACK = 20
"""Working days in which is sought when the goal was last met."""


@dataclass(frozen=True, slots=True)
class Booked:
    """How long those waited who booked in some days, in working days until their appointment."""

    number: int
    half: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class LeadTime:
    """Of one service.

    Attributes:
        first_free: Working days until the first free slot; None where none is published.
        third_free: The same until the third.
        met: Working days since the first free slot was last within the goal; 0 for today, None if
            that was longer ago than is looked back.
        booked: Of those who booked; None where that may not be shown.
    """

    service: str
    first_free: int | None
    third_free: int | None
    met: int | None
    booked: Booked | None


@dataclass(frozen=True, slots=True)
class _Held:
    """A slot that an appointment held, from a moment until another, or still."""

    service: str
    day: date
    since: datetime
    until: datetime | None


def lead_times(
    facts: Iterable[Fact], days: tuple[date, date], calendar: Calendar, goal: int
) -> Sequence[LeadTime]:
    """Give the lead time of each service for which something is published or booked.

    Args:
        facts: What is known of published slots and of appointments, in any order.
        days: The last one is that of the lead time; who booked from the first one on is counted.
        calendar: The authority's days.
        goal: Working days within which a slot should be free.
    """
    found = sorted(facts, key=lambda one: one.at)
    offers = _Offers(found, calendar)
    bookings = _booked(found, days, calendar)
    latest = calendar.on_or_before(days[1])
    back = [calendar.working_days_before(latest, number) for number in range(LOOKED_BACK)]
    return [
        LeadTime(
            service,
            offers.until(service, days[1], 1),
            offers.until(service, days[1], _THIRD),
            next(
                (
                    number
                    for number, day in enumerate(back)
                    if (free := offers.until(service, day, 1)) is not None and free <= goal
                ),
                None,
            ),
            bookings.get(service),
        )
        for service in sorted(offers.services | bookings.keys())
    ]


class _Offers:
    """What was published and held, as it was known at the end of each day."""

    def __init__(self, facts: Iterable[Fact], calendar: Calendar) -> None:
        self._calendar = calendar
        self._slots: dict[tuple[str, date], dict[str, list[tuple[datetime, int]]]] = {}
        self._held: dict[tuple[str, date], list[_Held]] = defaultdict(list)
        self._last: dict[str, date] = {}
        ordered = list(facts)
        for fact in ordered:
            if isinstance(one := fact.data, AppointmentCapacityPublished):
                place = self._slots.setdefault((one.service_key, one.day), defaultdict(list))
                place[one.office].append((fact.at, one.slots))
                self._last[one.service_key] = max(one.day, self._last.get(one.service_key, one.day))
        for held in _held(ordered, calendar):
            self._held[held.service, held.day].append(held)

    @property
    def services(self) -> set[str]:
        """Those of which anything was published."""
        return set(self._last)

    def until(self, service: str, day: date, slots: int) -> int | None:
        """Give the working days from a day to the one on which so many slots are free in all."""
        moment = self._calendar.moment(day + _DAY, time())
        last = self._last.get(service, day)
        free = 0
        coming = self._calendar.working_days(day + _DAY, last + _DAY)
        for number, offered in enumerate(coming, 1):
            free += max(0, self._offered(service, offered, moment))
            if free >= slots:
                return number
        return None

    def _offered(self, service: str, day: date, moment: datetime) -> int:
        published = self._slots.get((service, day), {})
        known = ([slots for at, slots in told if at < moment] for told in published.values())
        taken = sum(
            one.since < moment and (one.until is None or one.until >= moment)
            for one in self._held.get((service, day), ())
        )
        return sum(slots[-1] for slots in known if slots) - taken


def _held(facts: Iterable[Fact], calendar: Calendar) -> Iterator[_Held]:
    """Give which slot each appointment held when."""
    stories: dict[str | None, list[Fact]] = defaultdict(list)
    for fact in facts:
        stories[fact.item].append(fact)
    for story in stories.values():
        booked = next((one for one in story if isinstance(one.data, AppointmentBooked)), None)
        if booked is None or not isinstance(booked.data, AppointmentBooked):
            continue
        if booked.data.emergency:
            continue
        service, starts, since = booked.data.service_key, booked.data.starts, booked.at
        until: datetime | None = None
        for fact in story:
            match fact.data:
                case AppointmentRescheduled(starts=moved):
                    yield _Held(service, calendar.day_of(starts), since, fact.at)
                    starts, since = moved, fact.at
                case AppointmentCancelled():
                    until = fact.at
        yield _Held(service, calendar.day_of(starts), since, until)


def _booked(
    facts: Iterable[Fact], days: tuple[date, date], calendar: Calendar
) -> Mapping[str, Booked | None]:
    """Give how long those waited who booked in some days, by service, as far as it may be shown."""
    waits: dict[str, list[int]] = defaultdict(list)
    for fact in facts:
        if not isinstance(one := fact.data, AppointmentBooked) or one.emergency:
            continue
        day = calendar.day_of(fact.at)
        if days[0] <= day <= days[1]:
            starts = calendar.day_of(one.starts)
            coming = calendar.working_days(day + _DAY, starts + _DAY)
            waits[one.service_key].append(sum(1 for _ in coming))
    return release_parts({
        service: Withheld(
            {service: (0, len(found))},
            Booked(len(found), at_most(sorted(found), 0.5), at_most(sorted(found), 0.9)),
        )
        for service, found in waits.items()
    })  # fmt: skip
