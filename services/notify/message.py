"""A message on its way: an attempt to send it, and its end. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol, Self
from uuid import UUID

from services.notify.duty import Duty
from services.notify.lanes import Lane
from services.notify.states import State
from shared.contacts.party import Capacity
from shared.events.catalogue.notification import (
    NotificationAccepted,
    NotificationBounced,
    NotificationDelivered,
    NotificationEnded,
    NotificationExpired,
    NotificationFact,
    NotificationSuperseded,
    NotificationSuppressed,
)
from shared.events.registry import Facts
from shared.events.vocabulary import Channel, FailureReason

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


class Row(Protocol):
    """A row of the database, by the names of its columns."""

    def __getitem__(self, name: str, /) -> Any:  # noqa: ANN401 - the database's
        """Give one value."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send one message.

    Attributes:
        cause_id: The event that asked for it; None for what an earlier release planned.
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
    cause_id: str | None
    traceparent: str | None
    number: int
    lane: Lane
    planned_at: datetime
    expires_at: datetime | None
    asked: str | None = None
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class Represented:
    """The person whom a message is about, where somebody else is told.

    Attributes:
        capacity: As what that other one is told.
        ciphertext: The person's contact data; none once they are erased.
    """

    contact_ref: str
    capacity: Capacity
    ciphertext: bytes | None
    wrapped_key: bytes | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is ours to send until the lease ends, with what is needed to send it.

    Attributes:
        about: What its cause is about: an appointment, a decision, or the case.
        sequence: The cause's place in the case.
        thread: Cause, message and recipient, whichever way it takes.
        facts: What it tells, where an earlier release planned it.
        sealed: What it tells, under its recipient's key.
        duties: Which duties of its case are open now.
        represented: Whom it is about, if that isn't its recipient.
    """

    attempt: Attempt
    about: str
    sequence: int
    thread: UUID
    facts: Mapping[str, object]
    sealed: bytes | None
    ciphertext: bytes | None
    wrapped_key: bytes | None
    duties: frozenset[Duty] = frozenset()
    represented: Represented | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A message that ended without an attempt: too late, untrue, or by what was reported of it."""

    id: UUID
    name: str
    channel: Channel
    case_ref: str
    cause_id: str | None
    traceparent: str | None
    state: State
    reason: FailureReason | None

    @classmethod
    def of(cls, row: Row) -> Self:
        """Read a message that ended."""
        return cls(
            id=row["id"],
            name=row["name"],
            channel=Channel(row["channel"]),
            case_ref=row["case_ref"],
            cause_id=row["cause_id"],
            traceparent=row["traceparent"],
            state=State(row["state"]),
            reason=FailureReason(row["reason"]) if row["reason"] else None,
        )


def end_of(ended: Ended) -> Facts:
    """Give the fact to publish about a message that ended without an attempt."""
    known = {"message_id": str(ended.id), "message": ended.name, "channel": ended.channel}
    if ended.reason is None:
        return _ARRIVALS[ended.state](**known)
    return _ENDS[ended.state](**known, reason=ended.reason)
