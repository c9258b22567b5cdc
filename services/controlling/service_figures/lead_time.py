"""Lead time (Terminvorlauf): how long one waits for an appointment, in working days. Pure.

The first free slot flatters: it may be one that was just cancelled. So the third next available
stands beside it (M. Murray, D. Berwick, "Advanced Access", JAMA 289 (2003)). Both are what somebody
would have been offered at the end of a day, on the days after it; emergency slots are none of them.
What broke elsewhere (eappointment ZMSKVR-331, -770): slots that were published later counted for
days before, and moved appointments held two slots. Each office stands alone: what one has booked
beyond its slots takes none of another.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.controlling.service_figures.counts import Figure
from services.controlling.service_figures.customer_flow import Flow, Taken
from services.controlling.service_figures.offers import Offer, Offers
from services.controlling.service_figures.ranking import at_most
from services.controlling.statistics.suppression import Withheld, release_parts
from shared.organisation.calendar import Calendar

_DAY = timedelta(days=1)
_THIRD = 3
LOOKED_BACK = 20
"""Working days before the last one: each is told, and in them is sought when the goal was met."""


@dataclass(frozen=True, slots=True)
class Booked:
    """How long those waited who booked in some days, in working days until their appointment."""

    number: int
    half: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class Free:
    """When slots were free, in working days from the end of a day on; None where none was known."""

    day: date
    first_free: int | None
    third_free: int | None


@dataclass(frozen=True, slots=True)
class LeadTime:
    """Of one service.

    Attributes:
        first_free: Working days until the first free slot; None where none is published.
        third_free: The same until the third.
        met: Working days since the first free slot was last within the goal; 0 for today, None if
            that was longer ago than is looked back.
        unmet_for: More working days than these it is then since, for so long is known what was
            published; None where the goal was met, or nothing is known of days before.
        booked: Of those who booked; None where that may not be shown.
        course: Of each working day that is looked back on, the latest first.
    """

    service: str
    first_free: int | None
    third_free: int | None
    met: int | None
    unmet_for: int | None
    booked: Booked | None
    course: Sequence[Free]


def lead_times(
    figures: Iterable[Figure],
    days: tuple[date, date],
    calendar: Calendar,
    goal: int,
    looked_back: int = LOOKED_BACK,
) -> Sequence[LeadTime]:
    """Give the lead time of each service for which something is published or booked.

    Args:
        figures: What was published and taken of the days around, in any order.
        days: The last one is that of the lead time; who booked from the first one on is counted.
        calendar: The authority's days.
        goal: Working days within which a slot should be free.
        looked_back: Working days before the last one of which is told, too.
    """
    found = list(figures)
    offers = _Offers(found, calendar)
    bookings = _booked(found, days, calendar)
    latest = calendar.on_or_before(days[1])
    back = [calendar.working_days_before(latest, number) for number in range(looked_back + 1)]
    found_of = []
    for service in sorted(offers.services | bookings.keys()):
        course = [offers.free(service, day) for day in back]
        now = offers.free(service, days[1])
        met = _met(course, goal)
        known = sum(offers.is_known(service, day) for day in back[1:])
        unmet_for = known or None if met is None else None
        booked = bookings.get(service)
        found_of.append(
            LeadTime(service, now.first_free, now.third_free, met, unmet_for, booked, course)
        )
    return found_of


def _met(course: Iterable[Free], goal: int) -> int | None:
    """Give how many working days ago the goal was last met."""
    return next(
        (
            number
            for number, one in enumerate(course)
            if one.first_free is not None and one.first_free <= goal
        ),
        None,
    )


class _Offers:
    """What was published and taken, as it was known at the end of each day."""

    def __init__(self, figures: Iterable[Figure], calendar: Calendar) -> None:
        self._calendar = calendar
        self._said: dict[tuple[str, date], dict[str, list[Offer]]] = {}
        self._taken: dict[tuple[str, date, str], list[Taken]] = defaultdict(list)
        self._last: dict[str, date] = {}
        self._known: dict[str, date] = {}
        for one in figures:
            match one.counts:
                case Offers(said=said):
                    for offer in said:
                        place = self._said.setdefault((offer.service, one.day), defaultdict(list))
                        place[one.place].append(offer)
                        last = self._last.get(offer.service, one.day)
                        self._last[offer.service] = max(one.day, last)
                        known = self._known.get(offer.service, offer.said)
                        self._known[offer.service] = min(offer.said, known)
                case Flow(taken=taken):
                    for change in taken:
                        self._taken[change.service, one.day, one.place].append(change)

    @property
    def services(self) -> set[str]:
        """Those of which anything was published."""
        return set(self._last)

    def is_known(self, service: str, day: date) -> bool:
        """Whether anything of a service had been published by a day."""
        return self._known.get(service, date.max) <= day

    def free(self, service: str, day: date) -> Free:
        """Tell after how many working days from a day on one slot was free, and three in all."""
        last = self._last.get(service, day)
        free, first = 0, None
        coming = self._calendar.working_days(day + _DAY, last + _DAY)
        for number, offered in enumerate(coming, 1):
            free += self._free(service, offered, day)
            if free and first is None:
                first = number
            if free >= _THIRD:
                return Free(day, first, number)
        return Free(day, first, None)

    def _free(self, service: str, offered: date, known: date) -> int:
        free = 0
        for place, offers in self._said.get((service, offered), {}).items():
            if said := [one for one in offers if one.said <= known]:
                taken = self._taken.get((service, offered, place), ())
                held = sum(one.booked + one.moved - one.freed for one in taken if one.on <= known)
                free += max(0, max(said, key=_said).slots - held)
        return free


def _said(offer: Offer) -> date:
    return offer.said


def _booked(
    figures: Iterable[Figure], days: tuple[date, date], calendar: Calendar
) -> Mapping[str, Booked | None]:
    """Give how long those waited who booked in some days, by service, as far as it may be shown."""
    waits: dict[str, list[int]] = defaultdict(list)
    for figure in figures:
        for one in figure.counts.taken if isinstance(figure.counts, Flow) else ():
            if one.booked and days[0] <= one.on <= days[1]:
                coming = calendar.working_days(one.on + _DAY, figure.day + _DAY)
                waits[one.service] += [sum(1 for _ in coming)] * one.booked
    return release_parts({
        service: Withheld(
            {service: (0, len(found))},
            Booked(len(found), at_most(sorted(found), 0.5), at_most(sorted(found), 0.9)),
        )
        for service, found in waits.items()
    })  # fmt: skip
