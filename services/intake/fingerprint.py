"""What makes two events the same: their meaning, not the bytes they travelled in."""

import hashlib
import re
from datetime import UTC, datetime
from functools import cache
from json import JSONEncoder
from typing import Any

from pydantic_core import from_json, to_json

from shared.events.envelope import CloudEvent
from shared.events.event import Event
from shared.events.registry import Facts

_WHOLE, _NOTHING = b".0", b"null"
_MANY_WAYS = re.compile("'date-time'|'object'")


def fingerprint(event: Event) -> bytes:
    """Give the SHA-256 of type, subject, time and data.

    Taken from the event as it was read, without what has its default: another mode, order of keys,
    offset from UTC, a default written out, `null` or an empty list say nothing else. Nor will a
    field that a type gets later. Attributes of the transport (trace, extensions) don't count.
    """
    data = event.data
    apart = _many_ways(type(data))
    said = data.model_dump_json(exclude_defaults=True, exclude=apart)
    told = to_json([(name, _told(one)) for name in sorted(apart) if (one := getattr(data, name))])
    time = event.time.astimezone(UTC).isoformat()
    meaning = f"{data.event_type} {event.subject} {time} {said} "
    return hashlib.sha256(meaning.encode() + told).digest()


@cache
def _many_ways(model: type[Facts]) -> set[str]:
    """Give the fields of a type whose one value can be said in several ways: times, mappings."""
    properties = model.model_json_schema(mode="serialization").get("properties", {})
    return {name for name, schema in properties.items() if _MANY_WAYS.search(str(schema))}


def _told(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return sorted(value.items()) if isinstance(value, dict) else value


def fingerprint_of_writing(event: Event, data: object) -> bytes:
    """Give what stands in ledgers for events of earlier releases: data as they were written."""
    time = event.time.astimezone(UTC).isoformat()
    meaning = (event.data.event_type, event.subject, time, data)
    return hashlib.sha256(_as_before(meaning).encode()).digest()


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


_as_before = JSONEncoder(sort_keys=True, separators=(",", ":")).encode
