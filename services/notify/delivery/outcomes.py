"""What becomes of a message after an attempt. Pure: the dice and the clock are given."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from services.notify.channels.answer import Answer
from services.notify.delivery.states import State
from shared.events.catalogue.notification import (
    NotificationAccepted,
    NotificationExpired,
    NotificationFailed,
    NotificationSuperseded,
    NotificationSuppressed,
)
from shared.events.registry import Facts
from shared.events.vocabulary import Channel, FailureReason

FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=4)
"""RFC 5321, 4.5.4.1: a sender tries for at least 4 to 5 days."""

_REFUSALS: Mapping[Answer, FailureReason] = MappingProxyType(
    {
        Answer.ADDRESS_REFUSED: FailureReason.ADDRESS_REFUSED,
        Answer.CONTENT_REFUSED: FailureReason.CONTENT_REFUSED,
    }
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send one message; `number` counts from 1."""

    id: UUID
    name: str
    case_ref: str
    contact_ref: str | None
    channel: Channel
    language: str
    traceparent: str | None
    number: int
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where an attempt leads; without a delay the message has ended."""

    state: State
    reason: FailureReason | None = None
    delay: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A message that ended without an attempt: too late, or untrue."""

    id: UUID
    name: str
    channel: Channel
    case_ref: str
    traceparent: str | None
    state: State
    reason: FailureReason


RELEASED = Outcome(State.PLANNED, delay=timedelta())
"""Nothing was tried: another process may take the message at once."""


def after(answer: Answer, attempt: Attempt, now: datetime, dice: float) -> Outcome:
    """Decide what follows from a provider's answer.

    Args:
        answer: What the provider said.
        attempt: The attempt it answers.
        now: The time of the answer.
        dice: A random number from 0 to 1, so that messages deferred together don't return together.
    """
    if answer is Answer.ACCEPTED:
        return Outcome(State.ACCEPTED)
    if answer is not Answer.LATER:
        return Outcome(State.FAILED, _REFUSALS[answer])
    if now - attempt.planned_at >= GIVE_UP_AFTER:
        return Outcome(State.FAILED, FailureReason.PROVIDER_UNREACHABLE)
    return Outcome(State.PLANNED, delay=back_off(attempt.number, dice))


def back_off(number: int, dice: float) -> timedelta:
    """Give the pause after the attempt `number`: doubled each time, half of it left to the dice."""
    # Twenty doublings are far beyond the longest delay and still a number that a timedelta holds.
    longest = min(LONGEST_DELAY, FIRST_DELAY * (1 << min(number - 1, 20)))
    return longest * (0.5 + dice / 2)


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
        case State.FAILED:
            yield NotificationFailed(**known, reason=outcome.reason)
        case State.SUPPRESSED:
            yield NotificationSuppressed(**known, reason=outcome.reason)


def end_of(ended: Ended) -> Facts:
    """Give the fact to publish about a message that ended without an attempt."""
    fact = NotificationExpired if ended.state is State.EXPIRED else NotificationSuperseded
    return fact(
        message_id=str(ended.id),
        message=ended.name,
        channel=ended.channel,
        reason=ended.reason,
    )
