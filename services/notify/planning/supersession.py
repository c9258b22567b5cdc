"""Which messages an event makes untrue. Pure: each message's description says by what.

A message that was being handed over when the event came can't be called back; if that attempt
fails, it must not be tried again. And what is asked for by an event that happened before, but came
after it, is untrue from the beginning: a booking that is told later than its cancellation. Which
was first is asked of the times that events tell; where they leave it open, of the order in which
they came.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from services.notify.cases.standing import KEPT, Standing, about
from services.notify.messages.catalogue import Messages
from shared.events.catalogue.case import ApplicationWithdrawn, CaseClosed
from shared.events.event import Event
from shared.events.vocabulary import FailureReason
from shared.organisation.calendar import Calendar

_DAY, _MIDNIGHT = timedelta(days=1), time()


@dataclass(frozen=True, slots=True)
class Untrue:
    """Messages that an event makes untrue.

    Attributes:
        case_ref: Of this case.
        name: Of this name.
        about: About this, or about the case as a whole.
        sequence: Asked for by events before this one: an event that is read twice never voids what
            followed from later ones.
        at_latest: And by what may have happened before: an event that comes late voids nothing
            that followed from later ones, either.
        reason: Why they don't leave, for people.
    """

    case_ref: str
    name: str
    about: str
    sequence: int
    at_latest: datetime
    reason: FailureReason


def untrue_by(event: Event, messages: Messages, calendar: Calendar) -> Iterator[Untrue]:
    """Give what an event makes untrue; nothing for most."""
    at_latest = _at_latest(event.time, calendar)
    for kind in messages.superseded_by.get(event.data.event_type, ()):
        if any(events.include(event.data) for events in kind.description.superseded_by):
            yield Untrue(
                event.subject, kind.name, about(event), event.sequence, at_latest, _reason(event)
            )


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


def is_overtaken(standing: Standing, name: str, cause: Event, calendar: Calendar) -> bool:
    """Whether a message was made untrue by something that happened later and came earlier."""
    since, asked_about = standing.overtaken.get(name, {}), about(cause)
    at_latest = _at_latest(cause.time, calendar)
    return any(
        moment > at_latest for what, moment in since.items() if asked_about in (what, cause.subject)
    )


def _at_latest(moment: datetime, calendar: Calendar) -> datetime:
    """Give when something happened at the latest: midnight stands for a day without an hour."""
    midnights = (moment.astimezone(zone).time() == _MIDNIGHT for zone in (calendar.zone, UTC))
    return moment + _DAY if any(midnights) else moment


def _reason(event: Event) -> FailureReason:
    if isinstance(event.data, ApplicationWithdrawn | CaseClosed):
        return FailureReason.CASE_CLOSED
    return FailureReason.REPLACED
