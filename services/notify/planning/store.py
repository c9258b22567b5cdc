"""Messages as they are planned, and those that events make untrue."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.notify.message import Ended
from services.notify.planning.plan import PlannedMessage
from services.notify.planning.supersession import Untrue
from services.notify.states import WAITING, State
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
    )
    return {row["id"] for row in rows}


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A message that waits for its recipient's contact data."""

    id: UUID
    name: str
    contact_ref: str


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
        [one.reason for one in untrue],
        sorted(WAITING),
    )
    return [Ended.of(row) for row in rows if row["state"] == State.SUPERSEDED]
