"""What makes two events the same: their meaning, not the bytes they travelled in."""

import hashlib
from datetime import UTC, date, datetime
from json import JSONEncoder
from typing import Any

from pydantic_core import from_json, to_json

from shared.events.envelope import CloudEvent
from shared.events.event import Event

_WHOLE, _NOTHING = b".0", b"null"


def fingerprint(event: Event) -> bytes:
    """Give the SHA-256 of type, subject, time and data.

    Taken from the event as it was read, without what has its default: another mode, order of keys,
    offset from UTC, a default written out, `null` or an empty list say nothing else. Nor will a
    field that a type gets later. Attributes of the transport (trace, extensions) don't count.
    """
    said = event.data.model_dump(exclude_defaults=True)
    meaning = (event.data.event_type, event.subject, _text(event.time), said)
    return hashlib.sha256(_canonical(meaning).encode()).digest()


def fingerprint_of_writing(event: Event, data: object) -> bytes:
    """Give what stands in ledgers for events of earlier releases: data as they were written."""
    meaning = (event.data.event_type, event.subject, _text(event.time), data)
    return hashlib.sha256(_canonical(meaning).encode()).digest()


def as_meant(envelope: CloudEvent) -> CloudEvent:
    """Leave out of an event's data what says nothing, and write 4 for 4.0.

    JSON knows one kind of number (RFC 8259 § 6), and a field that is null isn't there.
    """
    written = envelope.data
    if written is None or (_WHOLE not in written and _NOTHING not in written):
        return envelope
    try:
        data = from_json(written)
    except ValueError:
        return envelope  # what is wrong with it, who reads it says
    return envelope._replace(data=to_json(_meant(data)))


def _meant(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {name: _meant(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_meant(one) for one in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _text(value: object) -> str:
    """Write what JSON has no word for; times as UTC has them."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    assert isinstance(value, date), "events hold nothing else"
    return value.isoformat()


_canonical = JSONEncoder(sort_keys=True, separators=(",", ":"), default=_text).encode
