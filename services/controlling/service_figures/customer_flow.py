"""Appointments: who was served and how long they waited, who didn't come, what was freed. Pure.

What broke elsewhere: no-shows counted as waiting (eappointment ZMSKVR-145). Here only who was
served has waited. Whether a freed slot was filled again is what clinics ask for and nobody has
(UMCU-Digital-Health/No_Show #117).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain
from typing import NamedTuple

from services.controlling.service_figures.fact import Fact
from services.controlling.service_figures.ranking import wait_of
from services.controlling.statistics.suppression import Withheld, release
from shared.events.catalogue.appointment import (
    AppointmentAttended,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentRescheduled,
)

_Happened = (
    AppointmentBooked
    | AppointmentRescheduled
    | AppointmentCancelled
    | AppointmentAttended
    | AppointmentMissed
)
_Slot = tuple[datetime, str]
"""When and in which office."""


class Taken(NamedTuple):
    """What happened on one day to slots of a service that lie on another one; not to emergencies'.

    With what was published it gives the lead time.

    Attributes:
        booked: Slots that were booked.
        moved: Slots to which appointments were moved.
        freed: Slots whose appointments were cancelled or moved away.
    """

    service: str
    on: date
    booked: int = 0
    moved: int = 0
    freed: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """What became of the appointments of an office on a day.

    Attributes:
        served: Who came and was served.
        missed: Who didn't come.
        open: Of whom nobody has said either.
        cancelled: Appointments that were on this day until they were cancelled.
        moved: Those that were on it until they were moved away.
        filled_again: Cancelled or moved ones whose time was booked by somebody else afterwards.
        waited: Seconds until they were served, of those of whom it was told, ascending.
        taken: Who took and freed its slots when, by service and day.
    """

    served: int = 0
    missed: int = 0
    open: int = 0
    cancelled: int = 0
    moved: int = 0
    filled_again: int = 0
    waited: tuple[int, ...] = ()
    taken: tuple[Taken, ...] = ()

    @property
    def freed(self) -> int:
        """Slots that were booked and became free again."""
        return self.cancelled + self.moved

    @property
    def ended(self) -> int:
        """Appointments of which is known whether somebody came."""
        return self.served + self.missed

    def wait(self, share: float) -> timedelta | None:
        """Give how long at most such a share of those served waited; None of fewer than seven."""
        return wait_of(self.waited, share)


def count_appointments(
    facts: Iterable[Fact], day_of: Callable[[datetime], date]
) -> Mapping[tuple[date, str], Flow]:
    """Count days of offices, in whatever order the facts are given.

    Args:
        facts: All that is known of some appointments.
        day_of: Gives the authority's day of a moment.
    """
    stories: dict[str, list[Fact]] = defaultdict(list)
    for fact in sorted(facts, key=lambda one: (one.at, one.data.event_type)):
        assert isinstance(fact.data, _Happened)  # no other is of this part
        stories[fact.data.appointment_id].append(fact)
    told = [one for story in stories.values() if (one := _follow(story)) is not None]
    taken = [moment for story in told for moment in story.taken]
    filled = _filled_again([moment for story in told for moment in story.freed], taken)
    days: dict[tuple[date, str], list[Flow]] = defaultdict(list)
    for story in told:
        for (starts, office), flow in story.flows:
            days[day_of(starts), office].append(flow)
    for (starts, office), number in filled.items():
        days[day_of(starts), office].append(Flow(filled_again=number))
    held = _taken(told, day_of)
    return {
        place: replace(together_flows(flows), taken=held.get(place, ()))
        for place, flows in days.items()
    }


def together_flows(flows: Sequence[Flow]) -> Flow:
    """Put days or offices together; when slots were taken is told of each alone."""
    return Flow(
        sum(one.served for one in flows),
        sum(one.missed for one in flows),
        sum(one.open for one in flows),
        sum(one.cancelled for one in flows),
        sum(one.moved for one in flows),
        sum(one.filled_again for one in flows),
        tuple(sorted(chain.from_iterable(one.waited for one in flows))),
    )


@dataclass(frozen=True, slots=True)
class Flows:
    """What may be shown of some days; None where that is about fewer than seven people.

    Attributes:
        whole: All days and offices together.
        days: Each day on which somebody was served or missed, the latest first.
        offices: Each office, over all days.
    """

    whole: Flow | None
    days: Sequence[tuple[date, Flow | None]]
    offices: Mapping[str, Flow | None]


def released(counted: Mapping[tuple[date, str], Flow]) -> Flows:
    """Release days and offices as one table: of nobody follows that they are so few."""
    known = {place: flow for place, flow in counted.items() if flow.ended}
    cells: dict[date | str | None, Withheld[Flow]] = {None: _withheld(known)}
    for day in sorted({day for day, _ in known}, reverse=True):
        cells[day] = _withheld({place: flow for place, flow in known.items() if place[0] == day})
    for office in sorted({office for _, office in known}):
        cells[office] = _withheld(
            {place: flow for place, flow in known.items() if place[1] == office}
        )
    shown = release(cells)
    return Flows(
        shown[None],
        [(cell, flow) for cell, flow in shown.items() if isinstance(cell, date)],
        {cell: flow for cell, flow in shown.items() if isinstance(cell, str)},
    )


def _withheld(counted: Mapping[tuple[date, str], Flow]) -> Withheld[Flow]:
    parts = {place: (flow.missed, flow.ended) for place, flow in counted.items()}
    return Withheld(parts, together_flows(list(counted.values())))


@dataclass(frozen=True, slots=True)
class _Story:
    """One appointment: what it counts for where, which slots it took when, and freed when.

    The service is empty for an emergency.
    """

    service: str
    flows: Sequence[tuple[_Slot, Flow]]
    taken: Sequence[tuple[datetime, _Slot]]
    freed: Sequence[tuple[datetime, _Slot]]


def _follow(story: Sequence[Fact]) -> _Story | None:
    """Follow one appointment; None while nobody has told of its booking."""
    booked = next((one.data for one in story if isinstance(one.data, AppointmentBooked)), None)
    if booked is None:
        return None
    slot: _Slot = booked.starts, booked.office
    flows: list[tuple[_Slot, Flow]] = []
    taken = [(one.at, slot) for one in story if one.data is booked]
    freed: list[tuple[datetime, _Slot]] = []
    last = Flow(open=1)
    for fact in story:
        match fact.data:
            case AppointmentRescheduled(starts=starts, office=office):
                # Who missed it, or cancelled it before, has done so on the day it was on.
                flows.append((slot, Flow(moved=1) if last.open else last))
                if last.open:
                    freed.append((fact.at, slot))
                slot, last = (starts, office or slot[1]), Flow(open=1)
                taken.append((fact.at, slot))
            case AppointmentCancelled():
                if last.open:
                    freed.append((fact.at, slot))
                last = Flow(cancelled=1)
            case AppointmentAttended(waited_seconds=waited):
                last = Flow(served=1, waited=() if waited is None else (waited,))
            case AppointmentMissed():
                last = Flow(missed=1)
    service = "" if booked.emergency else booked.service_key
    return _Story(service, [*flows, (slot, last)], taken, freed)


def _taken(
    told: Iterable[_Story], day_of: Callable[[datetime], date]
) -> Mapping[tuple[date, str], tuple[Taken, ...]]:
    """Give by day and office when the slots of each service were taken and freed."""
    counted: dict[tuple[date, str], Counter[tuple[str, date, str]]] = defaultdict(Counter)
    for story in told:
        happened = [
            *zip(("booked", *["moved"] * len(story.taken)), story.taken, strict=False),
            *(("freed", one) for one in story.freed),
        ]
        for what, (at, (starts, office)) in happened if story.service else ():
            counted[day_of(starts), office][story.service, day_of(at), what] += 1
    return {
        place: tuple(
            Taken(*one, *(numbers[(*one, what)] for what in ("booked", "moved", "freed")))
            for one in sorted({(service, on) for service, on, _ in numbers})
        )
        for place, numbers in counted.items()
    }


def _filled_again(
    freed: Iterable[tuple[datetime, _Slot]], taken: Iterable[tuple[datetime, _Slot]]
) -> Mapping[_Slot, int]:
    """Count how often a slot was taken after it was freed, each time once."""
    found: Counter[_Slot] = Counter()
    waiting: dict[_Slot, int] = defaultdict(int)
    # What is freed and taken at one moment is an exchange: freed comes first.
    happened = [(at, 0, slot) for at, slot in freed] + [(at, 1, slot) for at, slot in taken]
    for _, takes, slot in sorted(happened):
        if not takes:
            waiting[slot] += 1
        elif waiting[slot]:
            waiting[slot] -= 1
            found[slot] += 1
    return found
