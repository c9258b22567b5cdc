"""What becomes of a message after an attempt. Pure: the clock is given."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from services.notify.follow_up.escalation import PATIENCE
from services.notify.message import Lane
from services.notify.sending.answer import Answer
from services.notify.sending.retry import SCHEDULES, next_attempt
from services.notify.states import State, owes_report
from shared.events.catalogue.notification import (
    NotificationAccepted,
    NotificationBounced,
    NotificationDelivered,
    NotificationEnded,
    NotificationExpired,
    NotificationFact,
    NotificationFailed,
    NotificationHeld,
    NotificationSuperseded,
    NotificationSuppressed,
)
from shared.events.registry import Facts
from shared.events.vocabulary import Channel, FailureReason

_REFUSALS: Mapping[Answer, FailureReason] = MappingProxyType(
    {
        Answer.ADDRESS_REFUSED: FailureReason.ADDRESS_REFUSED,
        Answer.CONTENT_REFUSED: FailureReason.CONTENT_REFUSED,
    }
)
_ARRIVALS: Mapping[State, type[NotificationFact]] = MappingProxyType(
    {State.ACCEPTED: NotificationAccepted, State.DELIVERED: NotificationDelivered}
)
_ENDS: Mapping[State, type[NotificationEnded]] = MappingProxyType(
    {
        State.BOUNCED: NotificationBounced,
        State.EXPIRED: NotificationExpired,
        State.SUPERSEDED: NotificationSuperseded,
        State.SUPPRESSED: NotificationSuppressed,
    }
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send one message.

    Attributes:
        number: Counts from 1.
        asked: The provider that is asked now, where a channel has names for them.
        holder: The provider that may have the message from an earlier try. No other one is asked,
            because only that one can tell a repeat.
    """

    id: UUID
    name: str
    case_ref: str
    contact_ref: str | None
    channel: Channel
    language: str
    traceparent: str | None
    number: int
    lane: Lane
    planned_at: datetime
    expires_at: datetime | None
    asked: str | None = None
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """What is kept of a message that was handed over, to write it again.

    Attributes:
        digest: Of its bytes, under its recipient's key.
        edition: Names the texts that it was written with.
        sealed: What it told and to whom, under its recipient's key.
    """

    digest: bytes
    edition: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where an attempt leads.

    Attributes:
        state: The state from now on.
        reason: Why it ended without delivery.
        delay: When to look at it again; without it, the message has ended.
        handed_over: Whether the provider that was asked has it or may have it.
        copy: What is kept of it, if so.
    """

    state: State
    reason: FailureReason | None = None
    delay: timedelta | None = None
    handed_over: bool = False
    copy: Copy | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A message that ended without an attempt: too late, untrue, or by what was reported of it."""

    id: UUID
    name: str
    channel: Channel
    case_ref: str
    traceparent: str | None
    state: State
    reason: FailureReason | None


RELEASED = Outcome(State.PLANNED, delay=timedelta())
"""Nothing was tried: another process may take the message at once."""


def after(answer: Answer, attempt: Attempt, now: datetime) -> Outcome:
    """Decide what follows from a provider's answer, which came at `now`."""
    if answer is Answer.ACCEPTED:
        owed = PATIENCE[attempt.lane] if owes_report(attempt.channel) else None
        return Outcome(State.ACCEPTED, delay=owed, handed_over=True)
    if answer in _REFUSALS:
        return Outcome(State.FAILED, _REFUSALS[answer])
    unclear = answer is Answer.UNCLEAR
    following = next_attempt(
        attempt.id,
        attempt.number,
        SCHEDULES[attempt.lane],
        now,
        planned_at=attempt.planned_at,
        expires_at=attempt.expires_at,
    )
    if isinstance(following, datetime):
        return Outcome(State.PLANNED, delay=following - now, handed_over=unclear)
    ending = State.EXPIRED if following is FailureReason.TOO_LATE else State.FAILED
    return Outcome(ending, following, handed_over=unclear)


def endings(attempt: Attempt, outcome: Outcome) -> Iterator[Facts]:
    """Give the facts to publish about an attempt whose outcome was recorded."""
    known = {
        "message_id": str(attempt.id),
        "message": attempt.name,
        "channel": attempt.channel,
    }
    match outcome.state:
        case State.ACCEPTED:
            yield NotificationAccepted(**known)
        case State.HELD:
            yield NotificationHeld(**known)
        case State.FAILED:
            yield NotificationFailed(**known, reason=outcome.reason)
        case State.EXPIRED:
            yield NotificationExpired(**known, reason=outcome.reason)
        case State.SUPPRESSED:
            yield NotificationSuppressed(**known, reason=outcome.reason)


def end_of(ended: Ended) -> Facts:
    """Give the fact to publish about a message that ended without an attempt."""
    known = {"message_id": str(ended.id), "message": ended.name, "channel": ended.channel}
    if ended.reason is None:
        return _ARRIVALS[ended.state](**known)
    return _ENDS[ended.state](**known, reason=ended.reason)
