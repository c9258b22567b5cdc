"""What comes off a topic: raw records, and what became of reading them."""

from collections.abc import Sequence
from typing import NamedTuple

from shared.events import days
from shared.events.errors import Defect, EventError, FieldError
from shared.events.event import Event, decode
from shared.events.kafka_binding import from_kafka

# Above this a record is given up on unread; the broker's own limit is higher.
MAX_RECORD_BYTES = 1_000_000


class Record(NamedTuple):
    """One record with its coordinates; `timestamp` is the broker's, in milliseconds.

    aiokafka's own record has the same attributes and is read as it is.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    value: bytes | None


class Received(NamedTuple):
    """A record whose event is readable and numbered."""

    record: Record
    event: Event


class Poison(NamedTuple):
    """A record that can never be applied, and why."""

    record: Record
    error: EventError
    attempts: int = 1


def read(record: Record) -> Received | Poison:
    """Read the event of a record; what can't be read is poison, never an exception."""
    try:
        return Received(record, _event(record))
    except EventError as error:
        return Poison(record, error)


def _event(record: Record) -> Event:
    if record.value is not None and len(record.value) > MAX_RECORD_BYTES:
        raise EventError(
            Defect.BODY_TOO_LARGE, FieldError("value", f"is over {MAX_RECORD_BYTES} bytes")
        )
    event = decode(from_kafka(record.headers, record.value))
    if event.sequence == 0:
        raise EventError(Defect.SEQUENCE_MISSING, FieldError("sequence", "is required on a topic"))
    if record.key != event.subject.encode():
        raise EventError(Defect.SUBJECT_INVALID, FieldError("key", "must equal the subject"))
    days.check(event)
    return event
