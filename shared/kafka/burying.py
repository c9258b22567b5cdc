"""Dead letters: what a consumer gave up on, recorded and published in one transaction."""

import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from shared.crash_points import CrashPoint, crash_point
from shared.errors import PermanentError
from shared.events.registry import Topic
from shared.kafka.records import Poison, Record
from shared.postgres import outbox
from shared.postgres.outbox import OutboxRecord
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)

_NAMESPACE = uuid.UUID("7c1f4a52-3d3e-5b0a-9a55-6f0e5a9d7d11")
PREFIX = "dead-letter-"
_SUBJECT = re.compile(rb"[A-Za-z0-9][A-Za-z0-9_.:/()-]{0,63}")
_SEQUENCE = re.compile(rb"[1-9][0-9]{0,17}")


class TooManyDeadLetters(PermanentError):
    """A consumer gives up on one record after the other: the fault is not in the records."""

    def __init__(self, consumer: str, topic: str, count: int, last: Poison) -> None:
        super().__init__(
            f"{consumer} stopped: {count} records of {topic} in a row could not be applied, "
            f"the last at partition {last.record.partition} offset {last.record.offset} "
            f"({last.error}). Nothing of them is lost. What to do: docs/operations/outages.md"
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
    rows = await connection.fetch(QUERIES["bury"], *_columns(by_identity))
    new = [by_identity[row["id"]] for row in rows]
    await outbox.write(connection, [_letter(consumer, item) for item in new])
    crash_point(CrashPoint.DEAD_LETTER)
    return len(new)


def place(record: Record) -> tuple[str | None, int | None]:
    """Tell which place of which subject a record would have filled, as far as it can be read."""
    headers = dict(record.headers)
    named = (_matching(_SUBJECT, raw) for raw in (record.key, headers.get("ce_subject")))
    sequence = _matching(_SEQUENCE, headers.get("ce_sequence"))
    return next(filter(None, named), None), int(sequence) if sequence else None


def _matching(pattern: re.Pattern[bytes], raw: bytes | None) -> str | None:
    return raw.decode() if raw is not None and pattern.fullmatch(raw) else None


def _columns(poison: dict[uuid.UUID, Poison]) -> tuple[list[object], ...]:
    items = list(poison.values())
    records = [item.record for item in items]
    places = [place(record) for record in records]
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
        [subject for subject, _ in places],
        [sequence for _, sequence in places],
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
