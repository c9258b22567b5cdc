"""The emergency counter: did it open, how many slots had it, were more booked than it had? Pure.

What broke in a real Ausländerbehörde (eappointment ZMSKVR-79, -465, -1020, ZMS-3436): slots of a
series and of its exceptions were added up, clicks at once booked one slot twice, the free slots of
one office hid that another was overbooked. So the last word on a day's slots counts, each booking
counts, and each office stands alone. A series tells slots of days to come: nobody opened yet.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.controlling.service_figures.fact import Fact
from shared.events.catalogue.office import (
    EmergencyWindowClosed,
    EmergencyWindowOpened,
    EmergencyWindowSlotBooked,
)
from shared.organisation.calendar import OpenTime


class Standing(StrEnum):
    """Whether the counter opened as it should have."""

    NO_DAY = "no-day"
    AWAITED = "awaited"
    OPENED = "opened"
    LATE = "late"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class EmergencyCounter:
    """One office's counter on one day.

    Attributes:
        opened_at: When that was first said on the day itself; None while nobody did.
        closed_at: When it last closed.
        slots: As last said; None while nobody did.
        booked: Slots that were taken, each booking counted.
        same_day: How many of them were taken on the day itself.
        doubled: Bookings of a moment that had already been taken; no fault where several clerks
            sit at the counter.
    """

    opened_at: datetime | None = None
    closed_at: datetime | None = None
    slots: int | None = None
    booked: int = 0
    same_day: int = 0
    doubled: int = 0

    @property
    def overbooked(self) -> int:
        """How many more were booked than there are slots; none while these aren't known."""
        return 0 if self.slots is None else max(0, self.booked - self.slots)

    @property
    def free(self) -> int | None:
        """Slots that nobody took; None while nobody said how many there are."""
        return None if self.slots is None else max(0, self.slots - self.booked)

    @property
    def same_day_share(self) -> float | None:
        """The share of bookings that were made on the day itself; None without a booking."""
        return self.same_day / self.booked if self.booked else None


def count_windows(
    facts: Iterable[Fact], day_of: Callable[[datetime], date]
) -> Mapping[str, EmergencyCounter]:
    """Count a day of the counters by office, in whatever order the facts are given.

    Args:
        facts: Those of one day.
        day_of: Gives the authority's day of a moment.
    """
    by_office: dict[str, list[Fact]] = {}
    for fact in sorted(facts, key=lambda one: one.at):
        assert isinstance(
            fact.data, EmergencyWindowOpened | EmergencyWindowSlotBooked | EmergencyWindowClosed
        )  # no other is of this part
        by_office.setdefault(fact.data.office, []).append(fact)
    return {office: _count(happened, day_of) for office, happened in by_office.items()}


def _count(happened: Sequence[Fact], day_of: Callable[[datetime], date]) -> EmergencyCounter:
    opened = [(one.at, one.data) for one in happened if isinstance(one.data, EmergencyWindowOpened)]
    closed = [one.at for one in happened if isinstance(one.data, EmergencyWindowClosed)]
    booked = [
        (one.at, one.data.starts)
        for one in happened
        if isinstance(one.data, EmergencyWindowSlotBooked)
    ]
    taken = Counter(starts for _, starts in booked)
    return EmergencyCounter(
        opened_at=next((at for at, one in opened if day_of(at) == one.day), None),
        closed_at=closed[-1] if closed else None,
        slots=opened[-1][1].slots if opened else None,
        booked=len(booked),
        same_day=sum(day_of(at) == day_of(starts) for at, starts in booked),
        doubled=len(booked) - len(taken),
    )


def standing(
    counter: EmergencyCounter | None,
    hours: Sequence[OpenTime],
    now: datetime,
    grace: timedelta,
) -> Standing:
    """Say whether a counter opened by its hour.

    Args:
        counter: What is known of its day; None while nothing is.
        hours: When it should be open on that day; empty when it needn't be.
        now: The moment of asking.
        grace: How much later than its hour still counts as on time.
    """
    opened = None if counter is None else counter.opened_at
    if not hours:
        return Standing.NO_DAY if opened is None else Standing.OPENED
    due = hours[0].start + grace
    if opened is not None:
        return Standing.OPENED if opened <= due else Standing.LATE
    return Standing.AWAITED if now <= due else Standing.MISSING
