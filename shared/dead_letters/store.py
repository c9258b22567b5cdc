"""Dead letters and parked events as an operator sees them, over the schemas of all services."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from shared.configuration.places import SERVICES
from shared.events.async_api import ROLES
from shared.events.registry import Topic
from shared.kafka.records import Record
from shared.postgres.outbox import unpack_headers
from shared.postgres.paging import Moment, Words
from shared.postgres.pool import Connection, enter_schema
from shared.postgres.queries import load

QUERIES = load(__file__)


class State(StrEnum):
    """What became of a dead letter."""

    OPEN = "open"
    REPLAYED = "replayed"
    DISCARDED = "discarded"
    ACKNOWLEDGED = "acknowledged"
    """Somebody else wrote it: there is nothing to send and nothing to give up."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """The audit entry: when, by whom and why a dead letter was settled."""

    at: datetime
    by: str
    because: str


_SETTLEMENTS = TypeAdapter(tuple[Settlement, ...])


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record that one service gave up on.

    Attributes:
        service: Who gave up. The same record has the same id in every service.
        id: Derived from the record's coordinates.
        record: The record, unchanged.
        defect: What kind of fault, one of `shared.events.errors.Defect`.
        reason: What exactly, without values.
        attempts: How often it was tried.
        failed_at: When the service gave up.
        subject: The case it belongs to, as far as that can be read.
        sequence: Its place in the case, likewise.
        state: What became of it.
        settlement: Who settled it; None while it is open.
        earlier: How it was settled before it was opened again, the oldest first.
        outbox_id: What was sent in its place.
    """

    service: str
    id: UUID
    record: Record
    defect: str
    reason: str
    attempts: int
    failed_at: datetime
    subject: str | None
    sequence: int | None
    state: State
    settlement: Settlement | None
    earlier: Sequence[Settlement] = ()
    outbox_id: int | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which dead letters to give, at most how many of a service; what is None doesn't matter."""

    id: UUID | None = None
    state: State | None = None
    topic: str | None = None
    defect: str | None = None
    subject: str | None = None
    older_than: timedelta | None = None
    most: int | None = None


class Why(StrEnum):
    """Why an event is missing that others wait for."""

    DEAD_LETTER = "dead_letter"
    UNDER_WAY = "under_way"
    UNREAD = "unread"
    """Its dead letter is settled, and the consumer has not come to what was sent."""
    MISSING = "missing"


class Place(NamedTuple):
    """Where a gap stands in the list of all services, the longest first."""

    since: Moment
    service: Words
    topic: Words
    subject: Words


_BEGINNING = (None, None, None, None)


@dataclass(frozen=True, slots=True)
class Gap:
    """A subject of which later events wait for one that hasn't been applied.

    Attributes:
        service: Where it waits.
        topic: The topic of the events.
        subject: The case.
        awaited: The sequence that is missing.
        waiting: How many events are parked behind it.
        since: When the first of them was parked.
        dead_letter: The record that would have filled the gap, where it was given up on.
        why: Why it is missing,
        reason: and the same in words.
    """

    service: str
    topic: str
    subject: str
    awaited: int
    waiting: int
    since: datetime
    dead_letter: UUID | None
    why: Why
    reason: str

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        return Place(self.since, self.service, self.topic, self.subject)


def writer_of(topic: str) -> str:
    """Give the service that writes a topic."""
    return next(service for service, role in ROLES.items() if Topic(topic) in role.sends)


async def find(
    connection: Connection, wanted: Filter, services: Sequence[str] = SERVICES
) -> list[DeadLetter]:
    """Give the dead letters of some services that match, by service and in order of their topic."""
    found = []
    async with connection.transaction():
        for service in services:
            await enter_schema(connection, service)
            rows = await connection.fetch(
                QUERIES["find"],
                wanted.id,
                wanted.state,
                wanted.topic,
                wanted.defect,
                wanted.subject,
                wanted.older_than,
                wanted.most,
            )
            found += [_letter(service, row) for row in rows]
    return found


async def gaps(
    connection: Connection,
    services: Sequence[str] = SERVICES,
    topic: str | None = None,
    subject: str | None = None,
    *,
    behind: Place | None = None,
    most: int | None = None,
) -> list[Gap]:
    """Give the subjects with parked events, at most so many, those that wait longest first."""
    found: list[Gap] = []
    place = behind or _BEGINNING
    async with connection.transaction():
        for service in services:
            await enter_schema(connection, service)
            rows = await connection.fetch(QUERIES["waiting"], topic, subject, service, *place, most)
            unpublished = await _unpublished(connection, rows)
            found += [_gap(service, row, unpublished) for row in rows]
    return sorted(found, key=attrgetter("place"))[:most]


async def number_of_gaps(connection: Connection, services: Sequence[str]) -> int:
    """Count them: a subject once in each service in which it waits."""
    number = 0
    async with connection.transaction():
        for service in services:
            await enter_schema(connection, service)
            number += await connection.fetchval(QUERIES["number_waiting"])
    return number


async def _unpublished(
    connection: Connection, rows: Sequence[asyncpg.Record]
) -> set[tuple[str, str]]:
    """Give topic and subject of gaps whose subject has records on the way to Kafka."""
    found = set()
    for topic in {row["topic"] for row in rows}:
        await enter_schema(connection, writer_of(topic))
        keys = [row["subject"].encode() for row in rows if row["topic"] == topic]
        waiting = await connection.fetch(QUERIES["unpublished"], topic, keys)
        found |= {(topic, row["key"].decode()) for row in waiting}
    return found


def _gap(service: str, row: asyncpg.Record, unpublished: set[tuple[str, str]]) -> Gap:
    why = _why(row, on_the_way=(row["topic"], row["subject"]) in unpublished)
    return Gap(
        service,
        row["topic"],
        row["subject"],
        row["awaited"],
        row["events"],
        row["since"],
        row["dead_letter"],
        why,
        _reason(row, why),
    )


def _why(row: asyncpg.Record, *, on_the_way: bool) -> Why:
    if row["state"] == State.OPEN:
        return Why.DEAD_LETTER
    if on_the_way:
        return Why.UNDER_WAY
    return Why.MISSING if row["state"] is None else Why.UNREAD


def _reason(row: asyncpg.Record, why: Why) -> str:
    match why:
        case Why.DEAD_LETTER:
            return f"dead letter: {row['defect']}"
        case Why.UNDER_WAY:
            return "under way: in the outbox"
        case Why.UNREAD:
            return (
                f"dead letter {row['state']}: the consumer has not read it yet; if that lasts, "
                "'gleichfall dead-letters reopen' opens it again"
            )
        case Why.MISSING:
            return "missing: not received, and no dead letter has this place"


def _letter(service: str, row: asyncpg.Record) -> DeadLetter:
    milliseconds = int(row["recorded_at"].timestamp() * 1000)
    record = Record(
        row["topic"],
        row["partition"],
        row["offset"],
        milliseconds,
        row["key"],
        unpack_headers(row["headers"]),
        row["value"],
    )
    state = State(row["state"])
    settled = (row["settled_at"], row["settled_by"], row["settled_because"])
    return DeadLetter(
        service,
        row["id"],
        record,
        row["defect"],
        row["reason"],
        row["attempts"],
        row["failed_at"],
        row["subject"],
        row["sequence"],
        state,
        None if state is State.OPEN else Settlement(*settled),
        _SETTLEMENTS.validate_json(row["earlier"]),
        row["outbox_id"],
    )
