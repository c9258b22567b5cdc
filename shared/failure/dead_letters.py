"""Dead letters: what a consumer gave up on, recorded and published in one transaction."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from shared.events.registry import Topic
from shared.failure.crash_points import CrashPoint, crash_point
from shared.failure.errors import PermanentError
from shared.kafka.records import Poison, Record
from shared.postgres import outbox
from shared.postgres.outbox import OutboxRecord
from shared.postgres.pool import Connection

_NAMESPACE = uuid.UUID("7c1f4a52-3d3e-5b0a-9a55-6f0e5a9d7d11")
PREFIX = "dead-letter-"


class TooManyDeadLetters(PermanentError):
    """A consumer gives up on one record after the other: the fault is not in the records."""

    def __init__(self, consumer: str, topic: str, count: int, last: Poison) -> None:
        super().__init__(
            f"{consumer} stopped: {count} records of {topic} in a row could not be applied, "
            f"the last at partition {last.record.partition} offset {last.record.offset} "
            f"({last.error}). Nothing of them is lost. Look at the cause, then start it again"
        )


def identity(record: Record) -> uuid.UUID:
    """Name a record by its coordinates; a topic made anew has other timestamps."""
    return uuid.uuid5(
        _NAMESPACE, f"{record.topic}/{record.partition}/{record.offset}/{record.timestamp}"
    )


async def bury(connection: Connection, consumer: str, poison: Sequence[Poison]) -> int:
    """Record poison and publish it to the dead-letter topic, each record once.

    Returns:
        How many were not recorded before.
    """
    if not poison:
        return 0
    by_identity = {identity(item.record): item for item in poison}
    rows = await connection.fetch(outbox.QUERIES["bury"], *_columns(by_identity))
    new = [by_identity[row["id"]] for row in rows]
    await outbox.write(connection, [_letter(consumer, item) for item in new])
    crash_point(CrashPoint.DEAD_LETTER)
    return len(new)


def _columns(poison: dict[uuid.UUID, Poison]) -> tuple[list[object], ...]:
    items = list(poison.values())
    records = [item.record for item in items]
    return (
        list(poison),
        [record.topic for record in records],
        [record.partition for record in records],
        [record.offset for record in records],
        [datetime.fromtimestamp(record.timestamp / 1000, UTC) for record in records],
        [record.key for record in records],
        [outbox.pack_headers(record.headers) for record in records],
        [record.value for record in records],
        [item.error.defect.value for item in items],
        [str(item.error) for item in items],
        [item.attempts for item in items],
    )


def _letter(consumer: str, item: Poison) -> OutboxRecord:
    """Copy the record unchanged and say where it came from and what was wrong."""
    record = item.record
    about = {
        "consumer": consumer,
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "timestamp": str(record.timestamp),
        "defect": item.error.defect.value,
        "reason": str(item.error),
        "attempts": str(item.attempts),
    }
    headers = [*record.headers, *((PREFIX + name, text.encode()) for name, text in about.items())]
    topic = Topic(record.topic).dead_letter
    return OutboxRecord(topic, record.key, headers, record.value)
