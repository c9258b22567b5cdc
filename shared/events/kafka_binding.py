"""CloudEvents on Kafka: written in binary mode, read in both modes.

Source: Kafka Protocol Binding for CloudEvents 1.0.2. The mode is decided by the content type
alone, whatever its case; a structured record may carry `ce_` headers as well.
"""

from collections.abc import Sequence
from typing import NamedTuple

from shared.events import json_format
from shared.events.envelope import (
    STRUCTURED_JSON,
    CloudEvent,
    from_attributes,
    to_attributes,
)
from shared.events.errors import Defect, EventError, FieldError, field_path

PREFIX = "ce_"
CONTENT_TYPE = "content-type"
Headers = Sequence[tuple[str, bytes]]

# Of every record of ours; a look-up is cheaper than cutting off the prefix each time.
_USUAL = {CONTENT_TYPE: "datacontenttype"} | {
    PREFIX + name: name
    for name in (
        *("specversion", "id", "source", "type", "subject", "time"),
        *("partitionkey", "sequence", "traceparent"),
    )
}


class KafkaMessage(NamedTuple):
    """Key, headers and value of one Kafka record."""

    key: bytes | None
    headers: Headers
    value: bytes | None


def to_kafka(event: CloudEvent) -> KafkaMessage:
    """Write an event in binary mode, keyed by its subject."""
    attributes = to_attributes(event)
    content_type = attributes.pop("datacontenttype", None)
    headers = [(PREFIX + name, value.encode()) for name, value in attributes.items()]
    if content_type is not None:
        headers.append((CONTENT_TYPE, content_type.encode()))
    key = event.subject.encode() if event.subject is not None else None
    return KafkaMessage(key=key, headers=headers, value=event.data)


def from_kafka(headers: Sequence[tuple[str, bytes | None]], value: bytes | None) -> CloudEvent:
    """Read an event in binary or structured mode.

    Every header must be readable, not only ours: a record that can't be copied unchanged can't
    be traced, dead-lettered and replayed.

    Raises:
        EventError: a header is null or not UTF-8, an attribute is missing, the mode is unknown.
    """
    try:
        try:
            attributes = {_USUAL[name]: raw.decode() for name, raw in headers}  # type: ignore[union-attr] # None is told apart below
        except KeyError:
            attributes = _attributes(headers)
    except (AttributeError, UnicodeDecodeError):
        raise _unreadable(headers) from None
    content_type = attributes.get("datacontenttype")
    if content_type is not None and content_type[:23].lower() == "application/cloudevents":
        return _structured(content_type, value)
    return from_attributes(attributes, value)


def _attributes(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, str]:
    """Read every header, keep those that are attributes."""
    texts = {name: raw.decode() for name, raw in headers}  # type: ignore[union-attr] # see above
    attributes = {name[3:]: text for name, text in texts.items() if name.startswith(PREFIX)}
    if (content_type := texts.get(CONTENT_TYPE)) is not None:
        attributes["datacontenttype"] = content_type
    return attributes


def _structured(content_type: str, value: bytes | None) -> CloudEvent:
    if content_type.partition(";")[0].strip().lower() != STRUCTURED_JSON:
        raise EventError(
            Defect.MODE_UNKNOWN, FieldError(CONTENT_TYPE, f"only {STRUCTURED_JSON} is read")
        )
    return json_format.from_document(json_format.parse_document(value or b""))


def _unreadable(headers: Sequence[tuple[str, bytes | None]]) -> EventError:
    empty = sorted(name for name, value in headers if value is None)
    if empty:
        return EventError(
            Defect.HEADER_NULL, *(FieldError(_told(name), "is null") for name in empty)
        )
    broken = (name for name, value in headers if not _is_utf8(value or b""))
    return EventError(
        Defect.HEADER_NOT_UTF8, *(FieldError(_told(name), "is not UTF-8") for name in broken)
    )


def _told(name: str) -> str:
    """Name a header of ours; the name of another one is its sender's text."""
    return field_path(name, known=_USUAL)


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
