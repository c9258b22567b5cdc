"""What becomes of a message after an attempt. Pure: the clock is given."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from services.notify.lanes import PATIENCE
from services.notify.message import Attempt
from services.notify.sending.answer import Answer
from services.notify.sending.retry import SCHEDULES, next_attempt
from services.notify.states import State, owes_report
from shared.events.catalogue.notification import (
    NotificationAccepted,
    NotificationExpired,
    NotificationFailed,
    NotificationHeld,
    NotificationSuppressed,
)
from shared.events.registry import Facts
from shared.events.vocabulary import FailureReason

_REFUSALS: Mapping[Answer, FailureReason] = MappingProxyType(
    {
        Answer.ADDRESS_REFUSED: FailureReason.ADDRESS_REFUSED,
        Answer.CONTENT_REFUSED: FailureReason.CONTENT_REFUSED,
    }
)


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
        why: What was wrong with us, for those who mend it; it names nobody.
        delay: When to look at it again; without it, the message has ended.
        handed_over: Whether the provider that was asked has it or may have it.
        copy: What is kept of it, if so.
    """

    state: State
    reason: FailureReason | None = None
    delay: timedelta | None = None
    handed_over: bool = False
    copy: Copy | None = None
    why: str | None = None


RELEASED = Outcome(State.PLANNED, delay=timedelta())
"""Nothing was tried: another process may take the message at once."""

SET_ASIDE = Outcome(State.PLANNED, delay=timedelta(), handed_over=True)
"""It is held. Nobody knows how far it got, so no other provider is asked for it."""


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
