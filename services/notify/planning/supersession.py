"""Which waiting messages an event makes untrue. Pure: each message's description says by what.

A message that was being handed over when the event came can't be called back; if that attempt
fails, it must not be tried again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.notify.cases.standing import about
from services.notify.messages.catalogue import Messages
from shared.events.catalogue.case import ApplicationWithdrawn, CaseClosed
from shared.events.event import Event
from shared.events.vocabulary import FailureReason


@dataclass(frozen=True, slots=True)
class Untrue:
    """Messages that an event makes untrue.

    Attributes:
        case_ref: Of this case.
        name: Of this name.
        about: About this, or about the case as a whole.
        sequence: Asked for by events before this one: an event that is read twice never voids what
            followed from later ones.
        reason: Why they don't leave, for people.
    """

    case_ref: str
    name: str
    about: str
    sequence: int
    reason: FailureReason


def untrue_by(event: Event, messages: Messages) -> Iterator[Untrue]:
    """Give what an event makes untrue; nothing for most."""
    for kind in messages.superseded_by.get(event.data.event_type, ()):
        if any(events.include(event.data) for events in kind.description.superseded_by):
            yield Untrue(event.subject, kind.name, about(event), event.sequence, _reason(event))


def _reason(event: Event) -> FailureReason:
    if isinstance(event.data, ApplicationWithdrawn | CaseClosed):
        return FailureReason.CASE_CLOSED
    return FailureReason.REPLACED
