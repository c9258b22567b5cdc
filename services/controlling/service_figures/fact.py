"""Which events the figures of the service are counted from, and which day each is about. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from shared.events.catalogue import appointment, case, office, submission
from shared.events.event import Event
from shared.events.registry import Facts


class Part(StrEnum):
    """A part of the service whose days are counted by one rule."""

    TELEPHONE = "telephone"
    EMERGENCY_COUNTER = "emergency-counter"
    APPOINTMENTS = "appointments"
    CAPACITY = "capacity"
    """Slots that were published; with appointments they give the lead time."""
    VISITS = "visits"
    ARRIVALS = "arrivals"
    """Applications that came; with posts they give the load."""
    STAFFING = "staffing"
    SUBMISSIONS = "submissions"
    """What is handed in online; it is followed one by one, and no day of it is counted."""
    PROCESS = "process"
    """How decisions came about: counted from the files of their cases, not from facts kept here."""


class Fact(NamedTuple):
    """Something that happened, in the part of the service and on the day that it is about."""

    part: Part
    day: date
    at: datetime
    data: Facts

    @property
    def item(self) -> str | None:
        """The appointment or submission that it is about, all of whose facts belong together."""
        named = (getattr(self.data, name, None) for name in ("appointment_id", "submission_id"))
        return next(filter(None, named), None)


PARTS: Mapping[type[Facts], Part] = MappingProxyType({
    office.CallReceived: Part.TELEPHONE,
    office.CallAnswered: Part.TELEPHONE,
    office.CallAbandoned: Part.TELEPHONE,
    office.CallCalledBack: Part.TELEPHONE,
    office.CallTransferred: Part.TELEPHONE,
    office.VisitorRedirected: Part.VISITS,
    office.StaffingChanged: Part.STAFFING,
    office.EmergencyWindowOpened: Part.EMERGENCY_COUNTER,
    office.EmergencyWindowSlotBooked: Part.EMERGENCY_COUNTER,
    office.EmergencyWindowClosed: Part.EMERGENCY_COUNTER,
    appointment.AppointmentCapacityPublished: Part.CAPACITY,
    appointment.AppointmentBooked: Part.APPOINTMENTS,
    appointment.AppointmentRescheduled: Part.APPOINTMENTS,
    appointment.AppointmentCancelled: Part.APPOINTMENTS,
    appointment.AppointmentAttended: Part.APPOINTMENTS,
    appointment.AppointmentMissed: Part.APPOINTMENTS,
    case.ApplicationReceived: Part.ARRIVALS,
    submission.SubmissionArrived: Part.SUBMISSIONS,
    submission.SubmissionAccepted: Part.SUBMISSIONS,
    submission.SubmissionRejected: Part.SUBMISSIONS,
})  # fmt: skip
"""Of all other events nothing is kept here: decisions, above all, cost nothing."""


def facts_in(
    events: Iterable[Event], day_of: Callable[[datetime], date]
) -> Iterator[tuple[Event, Fact]]:
    """Give the facts among events, each with its event.

    Args:
        events: What happened.
        day_of: Gives the authority's day of a moment.
    """
    for event in events:
        if (part := PARTS.get(type(event.data))) is not None:
            yield event, Fact(part, _day(event, day_of), event.time, event.data)


def _day(event: Event, day_of: Callable[[datetime], date]) -> date:
    match event.data:
        case (
            office.EmergencyWindowOpened(day=day)
            | office.EmergencyWindowClosed(day=day)
            | appointment.AppointmentCapacityPublished(day=day)
        ):
            return day
        case (
            office.EmergencyWindowSlotBooked(starts=starts)
            | appointment.AppointmentBooked(starts=starts)
            | appointment.AppointmentRescheduled(starts=starts)
        ):
            return day_of(starts)
        case _:
            return day_of(event.time)
