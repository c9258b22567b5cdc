"""The outbox: events leave in the transaction that caused them."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import asyncpg
from pydantic_core import from_json, to_json

from shared.events.event import Event, encode
from shared.events.kafka_binding import to_kafka
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)
RecordHeaders = Sequence[tuple[str, bytes | None]]


class OutboxRecord(NamedTuple):
    """One Kafka record to publish, exactly as it will be sent.

    Attributes:
        written: When it came into the outbox, in milliseconds since 1970; it tells so itself.
    """

    topic: str
    key: bytes | None
    headers: RecordHeaders
    value: bytes | None
    written: int | None = None


def pack_headers(headers: RecordHeaders) -> bytes:
    """Store headers as JSON; Latin-1 maps every byte to one character, so nothing is lost."""
    return to_json(
        [(name, None if value is None else value.decode("latin-1")) for name, value in headers]
    )


def unpack_headers(packed: bytes) -> list[tuple[str, bytes | None]]:
    """Give back what `pack_headers` stored."""
    return [
        (name, None if text is None else text.encode("latin-1")) for name, text in from_json(packed)
    ]


async def append(connection: Connection, events: Sequence[Event]) -> list[Event]:
    """Number events per subject and write them to the outbox, in the caller's transaction.

    Two statements whatever the number of events. The numbering locks each subject until commit,
    so ids of one subject follow its sequence.

    Returns:
        The events with their `sequence`, in the order given.
    """
    numbered = await number(connection, events)
    await write(connection, [record(event) for event in numbered])
    return numbered


async def write(connection: Connection, records: Sequence[OutboxRecord]) -> list[asyncpg.Record]:
    """Write finished records to the outbox; gives their ids in order."""
    if not records:
        return []
    return await connection.fetch(
        QUERIES["write"],
        [record.topic for record in records],
        [record.key for record in records],
        [pack_headers(record.headers) for record in records],
        [record.value for record in records],
    )


async def number(connection: Connection, events: Sequence[Event]) -> list[Event]:
    """Give each event the next sequence of its subject, and lock the subjects until commit."""
    if not events:
        return []
    subjects = [(_topic(event), event.subject) for event in events]
    amounts = Counter(subjects)
    keys = list(amounts)
    rows = await connection.fetch(
        QUERIES["number_subjects"],
        [topic for topic, _ in keys],
        [subject for _, subject in keys],
        list(amounts.values()),
    )
    upcoming = {(topic, subject): last - amounts[topic, subject] for topic, subject, last in rows}
    numbered = []
    for event, key in zip(events, subjects, strict=True):
        upcoming[key] += 1
        numbered.append(event._replace(sequence=upcoming[key]))
    return numbered


def record(event: Event) -> OutboxRecord:
    """Write a numbered event as the record that Kafka will get."""
    message = to_kafka(encode(event))
    return OutboxRecord(_topic(event), message.key, message.headers, message.value)


def _topic(event: Event) -> str:
    topic = event.type.topic
    if topic is None:
        raise TypeError(f"{event.data.event_type} is never published")
    return topic.value
