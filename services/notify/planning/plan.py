"""From events to messages: who is told what, on which way, once. Pure: no database, no clock."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from pydantic_core import to_json

from services.notify.cases.standing import NOTHING_OPEN, UNIT, Following, Standing, about
from services.notify.lanes import Lane
from services.notify.messages.catalogue import Messages
from services.notify.messages.text import MessageType
from services.notify.planning.expiry import Times
from services.notify.planning.supersession import Untrue, is_overtaken, remembering, untrue_by
from services.notify.recipients.addressees import Addressee, NamedParty, addressees
from services.notify.recipients.preferences import Wishes, route
from services.notify.states import State
from shared.contacts.party import Capacity
from shared.events.catalogue.appointment import AppointmentBooked
from shared.events.catalogue.case import ApplicationReceived, DecisionNotified
from shared.events.catalogue.notification import (
    NotificationHeld,
    NotificationPlanned,
    NotificationSuperseded,
    NotificationSuppressed,
)
from shared.events.event import Event
from shared.events.registry import Facts
from shared.events.vocabulary import Channel, FailureReason

# Made once at random; another one would send every message again.
_IDENTITIES = UUID("20eac312-5fba-44d8-a3e5-1f658e55434f")


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """One message for one cause; with a `reason` it ended before it began.

    Attributes:
        thread: Cause, message and recipient, whichever way it takes.
        caused_at: When its cause happened, whenever it came.
        leaves_at: The moment that it waits for; None for one that leaves at once.
        wanted_at: When it would leave if there were contact data, where it waits for some.
        expires_at: From when on it is of no use.
        history: Its cause was no news any more when it was read, and nothing of it is still to
            come: it isn't told, and nobody is asked to.
        capacity: As what its recipient is told, if that isn't the person of the case.
        on_behalf_of: That person then.
    """

    id: UUID
    thread: UUID
    name: str
    cause: str
    cause_id: str
    caused_at: datetime
    case_ref: str
    contact_ref: str | None
    channel: Channel
    language: str
    facts: str
    traceparent: str | None
    reason: FailureReason | None
    about: str
    sequence: int
    leaves_at: datetime | None
    expires_at: datetime | None
    lane: Lane
    history: bool
    wanted_at: datetime | None = None
    capacity: Capacity | None = None
    on_behalf_of: str | None = None

    @property
    def state(self) -> State:
        """The state in which it enters the database."""
        if self.reason is FailureReason.REPLACED:
            return State.SUPERSEDED
        if self.reason is not None:
            return State.SUPPRESSED
        return State.PLANNED if self.leaves_at is None else State.HELD

    @property
    def followed(self) -> bool:
        """Whether what follows from its end without delivery is settled already: nothing."""
        return self.state is State.SUPERSEDED or (self.reason is not None and self.history)


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows from a batch of events.

    Attributes:
        messages: What is to be told.
        recipients: Who is told, by case.
        untrue: What must not be told any more.
        standings: How each case stands now.
    """

    messages: Sequence[PlannedMessage]
    recipients: Mapping[str, str]
    untrue: Sequence[Untrue]
    standings: Mapping[str, Standing]


def thread_of(cause: Event, name: str, contact_ref: str | None) -> UUID:
    """Give what all ways of a message to a recipient share: a cause never asks for it twice."""
    return uuid5(_IDENTITIES, json.dumps([cause.source, cause.id, name, contact_ref]))


def way_of(thread: UUID, channel: Channel | None) -> UUID:
    """Give the identity of a message on one way, or of one whose way nobody knows yet."""
    return uuid5(thread, channel.value if channel else "")


def named_recipient(event: Event) -> str | None:
    """Give the recipient that an event names, if any."""
    match event.data:
        case ApplicationReceived() | AppointmentBooked() | DecisionNotified() as facts:
            return facts.contact_ref
    return None


def named_recipients(events: Sequence[Event]) -> dict[str, str]:
    """Give, per case, the recipient that its last event naming one names."""
    return {
        event.subject: contact_ref
        for event in events
        if (contact_ref := named_recipient(event)) is not None
    }


def plan(
    events: Sequence[Event],
    recipients: Mapping[str, str],
    contacts: Mapping[str, Wishes],
    messages: Messages,
    times: Times,
    *,
    following: Following,
    standings: Mapping[str, Standing],
    parties: Mapping[str, Sequence[NamedParty]],
    now: datetime,
    passed: datetime,
) -> Plan:
    """Decide which messages events ask for.

    What time asks for is planned only while that time is still to come: an appointment of tomorrow
    needs no reminder beside its confirmation, and old cases that are imported need none at all.

    Args:
        events: In order per case.
        recipients: The contact_ref known so far, by case_ref.
        contacts: What recipients want of whom we have contact data, by contact_ref.
        messages: Which events cause which messages.
        times: When messages leave and end.
        following: The rules by which a case stands.
        standings: How the cases stood before, by case_ref; without an entry nothing is open.
        parties: Who else is named for a case, by case_ref.
        now: When the events are read.
        passed: Which time has certainly come: `now`, unless the clock can't be believed.
    """
    current, standing = dict(recipients), dict(standings)
    planned: list[PlannedMessage] = []
    untrue: list[Untrue] = []
    for event in events:
        if (named := named_recipient(event)) is not None:
            current[event.subject] = named
        untrue.extend(voided := [*untrue_by(event, messages, times.calendar)])
        known = following.after(standing.get(event.subject, NOTHING_OPEN), event)
        standing[event.subject] = known = remembering(known, event, voided, passed)
        person, said = current.get(event.subject), known.told_of(event)
        asked = (
            _planned(
                event,
                kind,
                to,
                contacts,
                times,
                person=person,
                now=now,
                passed=passed,
                known=said,
                overtaken=is_overtaken(known, kind.name, event, times.calendar),
            )
            for kind in _asked_for(event, messages)
            for to in addressees(person, parties.get(event.subject, ()))
        )
        planned.extend(one for one in asked if one.leaves_at is None or one.leaves_at > passed)
    stands = {case: one.forgetting(passed) for case, one in standing.items()}
    return Plan(planned, named_recipients(events), untrue, stands)


def _asked_for(event: Event, messages: Messages) -> Iterator[MessageType]:
    for kind in messages.by_cause.get(event.data.event_type, ()):
        if any(events.include(event.data) for events in kind.description.cause):
            yield kind


def announcements(message: PlannedMessage) -> Iterator[Facts]:
    """Give the facts to publish about a message that was entered."""
    yield NotificationPlanned(
        message_id=str(message.id),
        message=message.name,
        channel=message.channel,
        language=message.language,
        cause=message.cause,
    )
    known = {
        "message_id": str(message.id),
        "message": message.name,
        "channel": message.channel,
    }
    match message.state:
        case State.HELD:
            yield NotificationHeld(**known, until=message.leaves_at)
        case State.SUPERSEDED:
            yield NotificationSuperseded(**known, reason=message.reason)
        case State.SUPPRESSED:
            yield NotificationSuppressed(**known, reason=message.reason)


def _planned(
    cause: Event,
    kind: MessageType,
    to: Addressee,
    contacts: Mapping[str, Wishes],
    times: Times,
    *,
    person: str | None,
    now: datetime,
    passed: datetime,
    known: Mapping[str, object],
    overtaken: bool,
) -> PlannedMessage:
    contact_ref = to.contact_ref
    wishes = contacts.get(contact_ref) if contact_ref is not None else None
    offered = kind.description.channels
    way = route(offered, kind.texts, wishes)
    channel = next(iter(way.channels), offered[0])
    thread = thread_of(cause, kind.name, contact_ref)
    leaves_at = times.leaves_at(kind.description, cause, channel)
    expires_at = times.expires_at(kind.description, cause)
    news_until = cause.time + timedelta(days=kind.description.news_for)
    history = (leaves_at or expires_at) is None and passed > news_until
    old = history and not times.tell_history
    over = FailureReason.REPLACED if overtaken else FailureReason.TOO_LATE if old else None
    is_news = not history and not overtaken
    waits = wishes is None and contact_ref is not None and is_news and bool(times.patience)
    wanted_at = (leaves_at or now) if waits else None
    if wanted_at is not None and (leaves_at is None or leaves_at > now):
        leaves_at = max(wanted_at, times.waits_until(now, expires_at))
    return PlannedMessage(
        id=way_of(thread, None if waits else channel),
        thread=thread,
        name=kind.name,
        cause=cause.data.event_type,
        cause_id=cause.id,
        caused_at=cause.time,
        case_ref=cause.subject,
        contact_ref=contact_ref,
        channel=channel,
        language=way.language,
        facts=_facts(cause, kind, known),
        traceparent=cause.traceparent,
        reason=over or (None if waits else way.reason),
        about=about(cause),
        sequence=cause.sequence,
        leaves_at=leaves_at,
        expires_at=expires_at,
        lane=kind.description.lane,
        history=history,
        wanted_at=wanted_at,
        capacity=to.capacity,
        on_behalf_of=person if to.capacity else None,
    )


def _facts(cause: Event, kind: MessageType, known: Mapping[str, object]) -> str:
    """Keep of a cause what text and sheet need; of an appointment as it is known now."""
    wanted = kind.description.facts | {UNIT}
    said = cause.data.model_dump(mode="json", include=set(wanted))
    stands = {name: value for name, value in known.items() if name in wanted}
    return to_json({**said, **stands}).decode()
