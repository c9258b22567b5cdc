"""Messages as they are planned, and those that events make untrue."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notify.message import Ended
from services.notify.planning.plan import PlannedMessage
from services.notify.planning.supersession import Untrue
from services.notify.states import WAITING, State
from shared.contacts.party import Capacity
from shared.events.vocabulary import Channel, FailureReason
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def enter(
    connection: Connection, messages: Sequence[PlannedMessage], sealed: Mapping[UUID, bytes]
) -> set[UUID]:
    """Enter messages; gives the ids of those that weren't known before.

    Args:
        connection: In a transaction.
        messages: What is to be told.
        sealed: What they tell, by id. Of one to a recipient without a key nothing is kept.
    """
    if not messages:
        return set()
    rows = await connection.fetch(
        QUERIES["plan"],
        [message.id for message in messages],
        [message.name for message in messages],
        [message.cause for message in messages],
        [message.case_ref for message in messages],
        [message.contact_ref for message in messages],
        [message.channel for message in messages],
        [message.language for message in messages],
        [sealed.get(message.id) for message in messages],
        [message.traceparent for message in messages],
        [message.state for message in messages],
        [message.reason for message in messages],
        [message.about for message in messages],
        [message.sequence for message in messages],
        [message.expires_at for message in messages],
        [message.lane for message in messages],
        [message.leaves_at for message in messages],
        [message.thread for message in messages],
        [message.followed for message in messages],
        [message.wanted_at for message in messages],
        [message.capacity for message in messages],
        [message.on_behalf_of for message in messages],
        [message.cause_id for message in messages],
        [message.caused_at for message in messages],
    )
    return {row["id"] for row in rows}


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A message that waits for its recipient's contact data."""

    id: UUID
    name: str
    contact_ref: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits to leave, for itself or for contact data.

    Attributes:
        person: The person of the case, whoever is told.
        leaves_at: When it would leave.
    """

    id: UUID
    thread: UUID
    name: str
    case_ref: str
    sequence: int
    contact_ref: str
    person: str
    sealed: bytes | None
    channel: Channel
    language: str
    cause: str
    cause_id: str | None
    traceparent: str | None
    leaves_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Moved:
    """The same for somebody else, who waits for their contact data; else as `PlannedMessage`."""

    id: UUID
    thread: UUID
    source: Waiting
    contact_ref: str
    capacity: Capacity | None
    wanted_at: datetime
    leaves_at: datetime


@dataclass(frozen=True, slots=True)
class Routed:
    """The way that a message takes; with a reason it has none."""

    id: UUID
    channel: Channel
    language: str
    reason: FailureReason | None


async def awaiting(connection: Connection, contact_refs: Collection[str]) -> list[Awaiting]:
    """Give what waits for the contact data of these recipients, kept from others."""
    rows = await connection.fetch(QUERIES["awaiting"], list(contact_refs))
    return [Awaiting(row["id"], row["name"], row["contact_ref"]) for row in rows]


async def waiting_about(connection: Connection, people: Collection[str]) -> list[Waiting]:
    """Give what waits in the cases of these people, to whomever, kept from others."""
    rows = await connection.fetch(QUERIES["waiting_about"], list(people), sorted(WAITING))
    return [Waiting(**{**row, "channel": Channel(row["channel"])}) for row in rows]


async def turn_away(connection: Connection, waiting: Sequence[Waiting]) -> list[Ended]:
    """End messages that are no longer for their recipients."""
    rows = await connection.fetch(QUERIES["turn_away"], [one.id for one in waiting])
    return [Ended.of(row) for row in rows]


async def move(
    connection: Connection, moved: Sequence[Moved], sealed: Mapping[UUID, bytes]
) -> set[UUID]:
    """Enter messages for somebody else, unless these were told, or will be; gives their ids."""
    rows = await connection.fetch(
        QUERIES["move"],
        [one.id for one in moved],
        [one.source.id for one in moved],
        [one.thread for one in moved],
        [one.contact_ref for one in moved],
        [one.capacity for one in moved],
        [one.source.person if one.capacity else None for one in moved],
        [sealed.get(one.id) for one in moved],
        [one.wanted_at for one in moved],
        [one.leaves_at for one in moved],
    )
    return {row["id"] for row in rows}


async def route(connection: Connection, routed: Sequence[Routed]) -> list[Ended]:
    """Send what waited on its way; gives what has no way and ended."""
    rows = await connection.fetch(
        QUERIES["route"],
        [one.id for one in routed],
        [one.channel for one in routed],
        [one.language for one in routed],
        [one.reason for one in routed],
    )
    return [Ended.of(row) for row in rows if row["state"] == State.SUPPRESSED]


async def supersede(connection: Connection, untrue: Sequence[Untrue]) -> list[Ended]:
    """End waiting messages that have become untrue; one that is being sent isn't sent again."""
    if not untrue:
        return []
    rows = await connection.fetch(
        QUERIES["supersede"],
        [one.case_ref for one in untrue],
        [one.name for one in untrue],
        [one.about for one in untrue],
        [one.sequence for one in untrue],
        [one.at_latest for one in untrue],
        [one.reason for one in untrue],
        sorted(WAITING),
    )
    return [Ended.of(row) for row in rows if row["state"] == State.SUPERSEDED]
