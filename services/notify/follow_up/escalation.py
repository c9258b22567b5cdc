"""What follows when a message didn't arrive: another way, the letter, then a task for staff. Pure.

The next way is taken only when a message has ended without delivery, never beside it. So every
cause ends in a delivery, on purpose, or on somebody's desk. If a delivery is reported after all,
what still waits on the next way is superseded.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from uuid import UUID

from services.notify.planning.expiry import TRAVEL
from services.notify.states import MISSED, State, has_ended
from shared.events.vocabulary import Channel, FailureReason

ON_PURPOSE = frozenset(
    {FailureReason.NOT_LISTED, FailureReason.CONTACT_ERASED, FailureReason.STOPPED}
)
"""Ends that somebody wanted: no other way is taken, and nobody is asked to tell the applicant."""


class Step(Enum):
    """What follows when it isn't another way."""

    WAIT = auto()
    """It may still arrive."""

    DONE = auto()
    """It arrived as far as anybody can tell, or it isn't wanted any more."""

    TASK = auto()
    """Somebody must tell the applicant otherwise."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a message for a cause stands, and which ways there are.

    Attributes:
        channel: The way it took.
        state: Where it stands.
        ways: Which its text allows and its recipient has, the preferred first.
        tried: Ways that were taken for this cause, its own among them.
        expires_at: From when on it is of no use.
    """

    channel: Channel
    state: State
    ways: Sequence[Channel]
    tried: Collection[Channel]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Missed:
    """A message that ended without delivery.

    Attributes:
        thread: Cause, message and recipient, whichever way it takes.
        untrue: Something has happened since it left that makes it untrue.
        tried: Ways that were taken for this cause, its own among them.
    """

    id: UUID
    thread: UUID
    name: str
    case_ref: str
    contact_ref: str | None
    channel: Channel
    language: str
    traceparent: str | None
    state: State
    reason: FailureReason
    cause: str
    cause_id: str | None
    planned_at: datetime
    expires_at: datetime | None
    untrue: bool
    tried: frozenset[Channel]

    @property
    def needs_nothing(self) -> bool:
        """Whether nobody need be told: untrue by now, always too late, or not wanted."""
        on_purpose = self.untrue or self.reason in ON_PURPOSE
        return on_purpose or (self.expires_at is not None and self.expires_at <= self.planned_at)


@dataclass(frozen=True, slots=True)
class Following:
    """Another way for a message that ended without delivery; `id` is its own identity."""

    id: UUID
    missed: Missed
    channel: Channel


def next_step(standing: Standing, now: datetime) -> Channel | Step:
    """Decide what follows: another way, or a step."""
    if not has_ended(standing.state, standing.channel):
        return Step.WAIT
    if standing.state not in MISSED:
        return Step.DONE
    return _next_way(standing, now) or Step.TASK


def _next_way(standing: Standing, now: datetime) -> Channel | None:
    """Give the first way that wasn't taken and arrives in time; letters come last."""
    untried = [way for way in standing.ways if way not in standing.tried]
    for way in sorted(untried, key=lambda one: one is Channel.LETTER):
        if standing.expires_at is None or now + TRAVEL[way] < standing.expires_at:
            return way
    return None
