"""Which event a record says it is. A repair mends what can't be read, and moves nothing. Pure."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.events import json_format
from shared.events.envelope import CLOCKS_DIFFER, EARLIEST
from shared.events.errors import EventError
from shared.events.event import Event, decode
from shared.events.kafka_binding import CONTENT_TYPE, PREFIX, from_kafka
from shared.events.registry import CATALOGUE
from shared.kafka.burying import place
from shared.kafka.records import Record

_NUMBER = re.compile("[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class Moved:
    """What a repaired record would say of itself that it didn't say before."""

    name: str
    was: str
    would: str


def moved(record: Record, repaired: Event) -> Iterator[Moved]:
    """Tell what of its identity a repair would change though the record told it well.

    What the record can't tell, or what is wrong with it, whoever repairs it may say: a time, too,
    that lies before all files, or after the record was written.
    """
    at_fault = _faulted(record)
    for name, would in _identity(repaired).items():
        was = {said for said in _said(record, name) if _is_legible(name, said, record)}
        if was and would not in was and name not in at_fault:
            yield Moved(name, " or ".join(sorted(was)), would)


def is_in_time(time: datetime, record: Record) -> bool:
    """Whether something can have happened then of which a record was written when this one was."""
    written = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    return time.date() >= EARLIEST and time <= written + CLOCKS_DIFFER


def _identity(event: Event) -> Mapping[str, str]:
    return {
        "id": event.id,
        "source": event.source,
        "type": event.type.name,
        "subject": event.subject,
        "sequence": str(event.sequence),
        "time": _instant(event.time.isoformat()) or "",
    }


def _said(record: Record, name: str) -> Iterator[str]:
    """Give what a record says of itself, in its headers or its document, and by its key."""
    subject, _ = place(record)
    if name == "subject" and subject is not None:
        yield subject
    headers = {key: raw for key, raw in record.headers if raw is not None}
    said = headers.get(PREFIX + name)
    if headers.get(CONTENT_TYPE, b"").startswith(b"application/cloudevents"):
        with suppress(EventError):
            document = json_format.parse_document(record.value or b"")
            if name in document:
                yield _normal(name, str(document[name]))
    elif said is not None:
        with suppress(UnicodeDecodeError):
            yield _normal(name, said.decode())


def _normal(name: str, said: str) -> str:
    return (_instant(said) or said) if name == "time" else said


def _instant(text: str) -> str | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return None


def _is_legible(name: str, said: str, record: Record) -> bool:
    match name:
        case "type":
            return said in CATALOGUE
        case "sequence":
            return _NUMBER.fullmatch(said) is not None
        case "time":
            return _instant(said) == said and is_in_time(datetime.fromisoformat(said), record)
        case _:
            return bool(said.strip())


def _faulted(record: Record) -> frozenset[str]:
    """Give the attributes that are themselves what is wrong with a record."""
    try:
        envelope = from_kafka(record.headers, record.value)
    except EventError as error:
        return frozenset(one.field for one in error.fields)
    try:
        decode(envelope)
    except EventError as error:
        return frozenset(one.field for one in error.fields)
    return frozenset()
