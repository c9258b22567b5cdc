"""Which waiting messages an event makes untrue. Pure: a table of data.

A message that was being handed over when the event came can't be called back; if that attempt
fails, it must not be tried again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.events.catalogue.appointment import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentRescheduled,
)
from shared.events.catalogue.case import (
    AppealDecided,
    AppealForwarded,
    AppealLodged,
    AppealRemedied,
    ApplicationAcknowledged,
    ApplicationReceived,
    ApplicationWithdrawn,
    CaseClosed,
    DecisionDispatched,
    DecisionNotified,
    DecisionWithdrawn,
    DocumentsOverdue,
    DocumentsReceived,
    DocumentsRequested,
    HearingAnswered,
    HearingSent,
)
from shared.events.event import Event
from shared.events.registry import Facts
from shared.events.vocabulary import FailureReason


@dataclass(frozen=True, slots=True)
class Voiding:
    """What one type of event voids.

    Attributes:
        causes: Messages that these asked for.
        reason: Why they don't leave, for people.
        provided: A field of the event that must be true; None: always.
    """

    causes: tuple[type[Facts], ...]
    reason: FailureReason = FailureReason.REPLACED
    provided: str | None = None


_APPOINTMENT = (AppointmentBooked, AppointmentRescheduled)
_DOCUMENTS = (DocumentsRequested, DocumentsOverdue)
_PROCEDURE = (ApplicationReceived, ApplicationAcknowledged, *_DOCUMENTS, HearingSent)

VOIDINGS: Mapping[type[Facts], Voiding] = MappingProxyType(
    {
        AppointmentRescheduled: Voiding(_APPOINTMENT),
        AppointmentCancelled: Voiding(_APPOINTMENT),
        DocumentsReceived: Voiding(_DOCUMENTS, provided="complete"),
        HearingAnswered: Voiding((HearingSent,)),
        DecisionWithdrawn: Voiding((DecisionDispatched, DecisionNotified)),
        AppealRemedied: Voiding((AppealLodged, AppealForwarded)),
        AppealDecided: Voiding((AppealLodged, AppealForwarded)),
        ApplicationWithdrawn: Voiding(_PROCEDURE, FailureReason.CASE_CLOSED),
        # What was decided must still be told, and an appointment is cancelled by its own event. A
        # decision alone voids nothing: it may be one on the way, such as § 81(5) AufenthG.
        CaseClosed: Voiding(_PROCEDURE, FailureReason.CASE_CLOSED),
    }
)
"""A cancelled appointment voids its confirmations and reminders, and so on, by type of event."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a waiting message comes from.

    Attributes:
        cause: The event that asked for it.
        case_ref: Its case.
        about: What `about` gives for that event.
        sequence: The event's place in its case.
    """

    cause: type[Facts]
    case_ref: str
    about: str
    sequence: int

    @classmethod
    def of(cls, event: Event) -> "Origin":
        """Give the origin of the messages that an event asks for."""
        return cls(type(event.data), event.subject, about(event), event.sequence)


def about(event: Event) -> str:
    """Give what an event is about: its appointment, else its decision, else its case."""
    for field in ("appointment_id", "decision_id"):
        found: str | None = getattr(event.data, field, None)
        if found is not None:
            return found
    return event.subject


def voiding_of(facts: Facts) -> Voiding | None:
    """Give what an event voids; None for most."""
    found = VOIDINGS.get(type(facts))
    if found is None or (found.provided is not None and not getattr(facts, found.provided)):
        return None
    return found


def voids(event: Event, origin: Origin) -> bool:
    """Whether an event makes a waiting message untrue.

    It does when the message is about the same thing, or about the case as a whole, and its own
    cause came before: an event that is read twice never voids what followed from later ones.
    """
    found = voiding_of(event.data)
    return (
        found is not None
        and origin.cause in found.causes
        and origin.case_ref == event.subject
        and origin.about in {about(event), event.subject}
        and origin.sequence < event.sequence
    )
