"""A message of a case, with what became of it and what people did with it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.notify.states import State
from shared.contacts.party import Capacity
from shared.events.vocabulary import Channel, FailureReason


class Action(StrEnum):
    """What a person does with a message."""

    RESENT = "resent"
    STOPPED = "stopped"
    TOLD = "told"


@dataclass(frozen=True, slots=True)
class Intervention:
    """What an operator did with a message, and why; `successor` goes in its place."""

    action: Action
    by: str
    because: str
    at: datetime
    successor: UUID | None


@dataclass(frozen=True, slots=True)
class Written:
    """A message of a case and how far it came.

    Attributes:
        why: What kept us from writing it, for those who mend it.
        next_at: When it will be tried again, or the lease of its sender ends; None when it ended.
        ended_at: When it ended.
        digest: Of the bytes that a provider took, in hex; None while none has.
        kept: What it told is kept and can be written again.
        erased: What it told is noise: its recipient's key was destroyed.
        provided_at: Since when it is in a mailbox, as who owns it has signed.
        interventions: What operators did with it.
        capacity: As what its recipient is told, if that isn't the person of the case.
        cause: The type of the event that asked for it, or the message in whose place it goes.
        entered_at: When it was planned; not known of what an early release planned.
        accepted_at: When its provider took it.
        awaits_contact: It waits for the contact data of its recipient.
        untrue: Something has happened in its case since.
        to_tell: A person is asked to tell it otherwise.
    """

    id: UUID
    name: str
    channel: Channel
    language: str
    state: State
    reason: FailureReason | None
    why: str | None
    attempts: int
    planned_at: datetime
    next_at: datetime | None
    ended_at: datetime | None
    digest: str | None
    kept: bool
    erased: bool
    provided_at: datetime | None
    interventions: tuple[Intervention, ...]
    capacity: Capacity | None
    cause: str
    entered_at: datetime | None
    accepted_at: datetime | None
    awaits_contact: bool
    untrue: bool
    to_tell: bool
