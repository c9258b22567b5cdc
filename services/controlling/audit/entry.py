"""An entry of the audit log: who did, saw or was refused what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol, Self
from uuid import UUID

Detail = Mapping[str, str | int | None]
OPERATOR = "operator"
"""The role of a command that belongs to no account; the chain holds it, so it is never renamed."""


class Act(StrEnum):
    """What is written down. A value is never renamed: the chain holds it for ever."""

    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGNED_OUT = "signed_out"
    REFUSED = "refused"
    CASE_READ = "case_read"
    FILE_OPENED = "file_opened"
    ASSIGNED = "assigned"
    HANDED_BACK = "handed_back"
    PUT_ON_HOLD = "put_on_hold"
    RESUMED = "resumed"
    CONFLICT_DECLARED = "conflict_declared"
    TAKEN = "taken"
    ANSWERED = "answered"
    SIGNED = "signed"
    REOPENED = "reopened"
    ADJUDICATED = "adjudicated"
    FINDING_RAISED = "finding_raised"
    FINDING_ANSWERED = "finding_answered"
    FINDING_CONFIRMED = "finding_confirmed"
    FINDING_WITHDRAWN = "finding_withdrawn"
    MEASURE_AGREED = "measure_agreed"
    MEASURE_DONE = "measure_done"
    MEASURE_CHECKED = "measure_checked"
    MEASURE_DROPPED = "measure_dropped"
    GUIDANCE_WRITTEN = "guidance_written"
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_CHANGED = "account_changed"
    ACCOUNT_LOCKED = "account_locked"
    ACCOUNT_UNLOCKED = "account_unlocked"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - an act
    ABSENCE_ENTERED = "absence_entered"
    EXPORTED = "exported"
    FIGURES_RELEASED = "figures_released"
    CHAIN_VERIFIED = "chain_verified"
    EVENTS_ADOPTED = "events_adopted"
    EVENTS_RESENT = "events_resent"
    EVENTS_ASKED_FOR = "events_asked_for"
    EVENTS_GIVEN_UP = "events_given_up"
    EVENTS_RENUMBERED = "events_renumbered"
    GAP_NOTED = "gap_noted"
    MESSAGES_READ = "messages_read"
    MESSAGE_RESENT = "message_resent"
    MESSAGE_STOPPED = "message_stopped"
    RECIPIENT_TOLD = "recipient_told"
    DEAD_LETTER_READ = "dead_letter_read"
    DEAD_LETTER_REPLAYED = "dead_letter_replayed"
    DEAD_LETTER_DISCARDED = "dead_letter_discarded"
    DEAD_LETTER_ACKNOWLEDGED = "dead_letter_acknowledged"
    DEAD_LETTER_REOPENED = "dead_letter_reopened"
    HELD_ITEM_RETRIED = "held_item_retried"
    HELD_ITEM_DISMISSED = "held_item_dismissed"


class Actor(Protocol):
    """Somebody who is signed in."""

    @property
    def id(self) -> UUID:
        """Their account."""

    @property
    def role(self) -> str:
        """What they may do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be written down; number, time and hash are given as it is written.

    Attributes:
        account: Who; None when nobody is signed in, or a process acts by itself.
        role: In which role, as it was then, or `OPERATOR`; None where there is none.
        act: What.
        object: Of which thing, as `review:…`, `decision-…`, `account:…`.
        detail: What else is to be known; no names, no free text about an applicant.
    """

    account: UUID | None
    role: str | None
    act: Act
    object: str
    detail: Detail = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def by(cls, who: Actor, act: Act, on: str, **detail: str | int | None) -> Self:
        """Tell what somebody did with something."""
        return cls(who.id, str(who.role), act, on, detail)


@dataclass(frozen=True, slots=True)
class Link:
    """An entry in its place in the chain. Its act is a text: older ones may know other acts."""

    number: int
    at: datetime
    account: UUID | None
    role: str | None
    act: str
    object: str
    detail: Detail
    previous: bytes
    hash: bytes
