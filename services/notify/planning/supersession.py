"""Which messages an event makes untrue. Pure: each message's description says by what.

A message that was being handed over when the event came can't be called back; if that attempt
fails, it must not be tried again. And what is asked for by an event that happened before, but came
after it, is untrue from the beginning: a booking that is told later than its cancellation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.notify.cases.standing import KEPT, Standing, about
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


def remembering(
    standing: Standing, event: Event, untrue: Sequence[Untrue], passed: datetime
) -> Standing:
    """Give how a case stands that knows what this event makes untrue, for what comes later."""
    if not untrue or event.time + KEPT <= passed:
        return standing
    overtaken = dict(standing.overtaken)
    for one in untrue:
        since = overtaken.get(one.name, {})
        latest = max(event.time, since.get(one.about, event.time))
        overtaken[one.name] = {**since, one.about: latest}
    return replace(standing, overtaken=overtaken)


def is_overtaken(standing: Standing, name: str, cause: Event) -> bool:
    """Whether a message was made untrue by something that happened later and came earlier."""
    since = standing.overtaken.get(name, {})
    asked_about = about(cause)
    return any(
        time > cause.time for what, time in since.items() if asked_about in (what, cause.subject)
    )


def _reason(event: Event) -> FailureReason:
    if isinstance(event.data, ApplicationWithdrawn | CaseClosed):
        return FailureReason.CASE_CLOSED
    return FailureReason.REPLACED
