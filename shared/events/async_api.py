"""What each service sends to and receives from Kafka, as AsyncAPI 3 documents.

Made from the catalogue rather than by FastStream: its generator knows neither headers nor keys.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from shared.events.envelope import JSON, SPEC_VERSION
from shared.events.json_schema import JsonSchema, shared_definitions, short_name, subject_pattern
from shared.events.kafka_binding import CONTENT_TYPE, PREFIX
from shared.events.registry import CATALOGUE, EventType, Topic

Document = dict[str, Any]
_BINDING_VERSION = "0.5.0"
_SCHEMAS = "#/components/schemas/"
_DEAD_LETTER = "dead-letter"


@dataclass(frozen=True, slots=True)
class Role:
    """The part a service plays on the topics: what it may write, what it may rely on."""

    purpose: str
    sends: tuple[Topic, ...]
    receives: tuple[Topic, ...]


ROLES: Mapping[str, Role] = MappingProxyType(
    {
        "intake": Role(
            "Accepts facts over HTTP, numbers them per subject and publishes them.",
            sends=(Topic.CASE_EVENTS, Topic.OFFICE_EVENTS),
            receives=(),
        ),
        "controlling": Role(
            "Registers decisions, draws from them, and keeps reviews, findings and measures.",
            sends=(Topic.REVIEW_EVENTS,),
            receives=(Topic.CASE_EVENTS, Topic.OFFICE_EVENTS, Topic.NOTIFICATION_EVENTS),
        ),
        "notify": Role(
            "Tells applicants and staff what concerns them, and what became of each message.",
            sends=(Topic.NOTIFICATION_EVENTS,),
            receives=(Topic.CASE_EVENTS, Topic.REVIEW_EVENTS),
        ),
    }
)


def document(service: str) -> Document:
    """Describe one service's topics, events and headers.

    Raises:
        KeyError: no service of this name has a role.
    """
    role = ROLES[service]
    topics = sorted({*role.sends, *role.receives})
    entries = [entry for entry in CATALOGUE.values() if entry.topic in topics]
    channels = {topic.value: _channel(topic) for topic in topics}
    channels |= {topic.dead_letter: _dead_letter_channel(topic) for topic in role.receives}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Gleichfall {service}",
            "version": "1",
            "description": f"{role.purpose} CloudEvents {SPEC_VERSION} in binary mode: attributes "
            f"in `{PREFIX}` headers, data as the value; structured mode is read as well.",
        },
        "defaultContentType": JSON,
        "channels": channels,
        "operations": _operations(role),
        "components": {
            "messages": _messages(entries, dead_letters=bool(role.receives)),
            "schemas": shared_definitions(entries, _SCHEMAS + "{model}")
            | {"CloudEventHeaders": _headers(), "DeadLetterHeaders": _dead_letter_headers()},
        },
    }


def _channel(topic: Topic) -> Document:
    entries = [entry for entry in CATALOGUE.values() if entry.topic is topic]
    return {
        "address": topic.value,
        "description": "Keyed by subject, so in order per subject.",
        "messages": {short_name(entry): _message_reference(entry.name) for entry in entries},
        "bindings": _kafka(topic=topic.value),
    }


def _dead_letter_channel(topic: Topic) -> Document:
    return {
        "address": topic.dead_letter,
        "description": f"Records of `{topic}` that a consumer had to give up on, unchanged.",
        "messages": {_DEAD_LETTER: _message_reference(_DEAD_LETTER)},
        "bindings": _kafka(topic=topic.dead_letter),
    }


def _operations(role: Role) -> Document:
    operations = {
        f"receive-{topic}": _operation("receive", topic, "Apply each subject's events in order.")
        for topic in role.receives
    }
    operations |= {
        f"send-{topic}": _operation("send", topic, "Publish what was committed.")
        for topic in role.sends
    }
    return operations | {
        f"send-{topic.dead_letter}": _operation(
            "send", topic.dead_letter, "Hand a record that can't be applied to the operator."
        )
        for topic in role.receives
    }


def _operation(action: str, channel: str, summary: str) -> Document:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}


def _messages(entries: Iterable[EventType], *, dead_letters: bool) -> Document:
    messages = {entry.name: _message(entry) for entry in entries}
    if not dead_letters:
        return messages
    return messages | {
        _DEAD_LETTER: {
            "name": _DEAD_LETTER,
            "title": "DeadLetter",
            "summary": "A record as it was received, with the place and the reason in headers.",
            "headers": {"$ref": _SCHEMAS + "DeadLetterHeaders"},
            "payload": {"description": "Whatever the record held; it may not even be JSON."},
        }
    }


def _message(entry: EventType) -> Document:
    subject = {"type": "string", "pattern": subject_pattern(entry)}
    of_this_type = {PREFIX + "type": {"const": entry.name}, PREFIX + "subject": subject}
    return {
        "name": entry.name,
        "title": entry.model.__name__,
        "summary": entry.model.__doc__,
        "contentType": JSON,
        "headers": {
            "allOf": [{"$ref": _SCHEMAS + "CloudEventHeaders"}, {"properties": of_this_type}]
        },
        "payload": {"$ref": _SCHEMAS + entry.model.__name__},
        "bindings": _kafka(key=subject),
    }


def _headers() -> JsonSchema:
    text = {"type": "string", "minLength": 1}
    attributes = {
        "specversion": {"const": SPEC_VERSION},
        "id": text | {"description": "Unique together with `ce_source`."},
        "source": text | {"format": "uri-reference"},
        "type": text,
        "subject": text,
        "time": {"type": "string", "format": "date-time"},
        "partitionkey": text | {"description": "The subject, again."},
        "sequence": {
            "type": "string",
            "pattern": "^[1-9][0-9]{0,17}$",
            "description": "1, 2, 3 … per subject.",
        },
        "traceparent": {"type": "string", "description": "W3C trace context."},
    }
    properties = {PREFIX + name: schema for name, schema in attributes.items()}
    return {
        "title": "CloudEventHeaders",
        "description": "UTF-8 text each. Headers of others may stand beside them.",
        "type": "object",
        "properties": properties | {CONTENT_TYPE: {"const": JSON}},
        "required": [name for name in properties if name != PREFIX + "traceparent"],
    }


def _dead_letter_headers() -> JsonSchema:
    about = {
        "consumer": "Who gave up.",
        "topic": "Where the record stood.",
        "partition": "Its partition there.",
        "offset": "Its offset there.",
        "timestamp": "Its timestamp, milliseconds since 1970.",
        "defect": "What is wrong, one of a closed list.",
        "reason": "What is wrong, field by field, without any value.",
        "attempts": "How often it was tried.",
    }
    return {
        "title": "DeadLetterHeaders",
        "description": "Added to the record's own headers.",
        "type": "object",
        "properties": {
            f"{_DEAD_LETTER}-{name}": {"type": "string", "description": text}
            for name, text in about.items()
        },
        "required": [f"{_DEAD_LETTER}-{name}" for name in about],
    }


def _message_reference(name: str) -> Document:
    return {"$ref": f"#/components/messages/{name}"}


def _kafka(**binding: object) -> Document:
    return {"kafka": {**binding, "bindingVersion": _BINDING_VERSION}}
