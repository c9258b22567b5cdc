"""The CloudEvents 1.0 envelope.

Source: CloudEvents specification 1.0.2 (required attributes, naming of extensions, time format).
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from shared.events.errors import Defect, EventError, FieldError

SPEC_VERSION = "1.0"
JSON = "application/json"
STRUCTURED_JSON = "application/cloudevents+json"
BATCH_JSON = "application/cloudevents-batch+json"
EARLIEST = date(1990, 1, 1)
"""The first day of which an event is believed: before it lie the days that no clock was set to."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""How far the clock of another machine may be ahead."""
PLANS_AHEAD = 10
"""Years from now within which appointments and deadlines lie, unless intake is told otherwise."""

_EXTENSION_NAME = re.compile(r"(?!data$)[a-z0-9]{1,64}")
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_KNOWN = frozenset(
    {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema"}
)
_OWN_EXTENSIONS = frozenset({"partitionkey", "sequence", "traceparent"})
ATTRIBUTES = _KNOWN | _OWN_EXTENSIONS
"""Names of attributes that errors may tell: others are their sender's."""
_NO_EXTENSIONS: Mapping[str, str] = MappingProxyType({})


class CloudEvent(NamedTuple):
    """One event as it travels: attributes by name, data as bytes.

    A tuple, because every record of every batch becomes one, and it is made four times faster
    than a frozen dataclass.

    `extensions` holds everything beyond the core attributes as strings, e.g. `partitionkey`,
    `sequence`, `traceparent`.
    """

    id: str
    source: str
    type: str
    subject: str | None = None
    time: datetime | None = None
    datacontenttype: str | None = None
    dataschema: str | None = None
    data: bytes | None = None
    extensions: Mapping[str, str] = _NO_EXTENSIONS


def from_attributes(attributes: Mapping[str, str], data: bytes | None) -> CloudEvent:
    """Build an event from attribute strings as they stand in headers or JSON.

    Raises:
        EventError: a required attribute is missing or an attribute is malformed.
    """
    get = attributes.get
    if not (get("id") and get("source") and get("type")):
        missing = [name for name in ("id", "source", "type") if not get(name)]
        raise EventError(
            Defect.ATTRIBUTE_MISSING, *(FieldError(name, "is required") for name in missing)
        )
    if get("specversion") != SPEC_VERSION:
        raise _invalid("specversion", f"must be {SPEC_VERSION}")
    extensions = {name: text for name, text in attributes.items() if name not in _KNOWN}
    if not _OWN_EXTENSIONS.issuperset(extensions):
        _check_names(extensions)
    if not "".join(attributes.values()).isprintable():
        name = next(name for name, text in attributes.items() if not text.isprintable())
        raise _invalid(name, "must hold printable characters only")
    return CloudEvent(
        attributes["id"],
        attributes["source"],
        attributes["type"],
        get("subject"),
        _time(get("time")),
        get("datacontenttype"),
        get("dataschema"),
        data,
        extensions,
    )


def to_attributes(event: CloudEvent) -> dict[str, str]:
    """Give the attributes as strings, without the data and without absent ones."""
    attributes = {
        "specversion": SPEC_VERSION,
        "id": event.id,
        "source": event.source,
        "type": event.type,
    }
    if event.subject is not None:
        attributes["subject"] = event.subject
    if event.time is not None:
        attributes["time"] = event.time.isoformat()
    if event.datacontenttype is not None:
        attributes["datacontenttype"] = event.datacontenttype
    if event.dataschema is not None:
        attributes["dataschema"] = event.dataschema
    attributes.update(event.extensions)
    return attributes


def is_json(content_type: str | None) -> bool:
    """Whether data of this content type is JSON; absent means JSON (spec, JSON format § 3.1)."""
    if content_type is None:
        return True
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type.endswith(("/json", "+json"))


def _check_names(extensions: Iterable[str]) -> None:
    for name in extensions:
        if not _EXTENSION_NAME.fullmatch(name):
            raise _invalid("extension", "names are 1 to 64 lower-case letters and digits, not data")


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    if not _RFC_3339.fullmatch(text):
        raise _invalid("time", "must be an RFC 3339 timestamp with an offset from UTC")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except ValueError:
        raise _invalid("time", "is not a point in time") from None
    except OverflowError:
        raise EventError(
            Defect.TIME_IMPLAUSIBLE, FieldError("time", "doesn't exist in UTC; was it never set?")
        ) from None


def _invalid(name: str, reason: str) -> EventError:
    return EventError(Defect.ATTRIBUTE_INVALID, FieldError(name, reason))
