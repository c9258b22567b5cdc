"""Intake's HTTP interface as an OpenAPI 3.1 document, made of the models that its routes read."""

import json
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from services.intake.imported_logs import Announcement
from services.intake.open_api.problems import BY_STATUS, MEDIA_TYPE, NAMESPACE
from services.intake.outcome import BATCH_LIMIT, BatchOutcome, KnownLog, SentEvents
from services.intake.screening import is_from_outside
from shared.contacts.contact import Contact
from shared.events.envelope import BATCH_JSON, STRUCTURED_JSON
from shared.events.json_schema import ContractSchema, shared_definitions, whole_event
from shared.events.registry import CATALOGUE

Document = dict[str, Any]
_SCHEMAS = "#/components/schemas/"
_MODE: JsonSchemaMode = "validation"
_JSON = "application/json"
_ANY = (401, 408, 429, 431, 500, 503)
"""What may be answered to every request of a source system."""


@cache
def text() -> str:
    """Give the document as it is served and committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def document() -> Document:
    """Describe what source systems ask intake for."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gleichfall intake",
            "version": "1",
            "description": "Takes facts as CloudEvents 1.0, and contacts. What it has answered "
            "202 to is committed; after any other answer, or none, sending again is safe.",
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {f"Status{status}": _refusal(status) for status in BY_STATUS},
            "schemas": _schemas(),
        },
    }


def _paths() -> Document:
    return {
        "/v1/events": {"post": _taking_events()},
        "/v1/events/{event_id}": {"get": _showing_an_event()},
        "/v1/contacts": {"post": _taking_contacts()},
        "/v1/contacts/{contact_ref}": {"delete": _erasing_a_contact()},
        "/v1/imports": {"post": _beginning_an_import()},
        "/v1/imports/events": {"get": _showing_sent()},
    }


def _taking_events() -> Document:
    content = {
        STRUCTURED_JSON: _content(_schema("Event")),
        BATCH_JSON: _content(_many(_schema("Event"))),
        _JSON: {"schema": {"type": "object", "description": "Binary mode: the data alone."}},
    }
    return _operation(
        "takeEvents",
        "Take one event, in structured or binary mode, or a batch, and give a receipt per event.",
        {"202": _answer("At least one was taken.", _schema("BatchOutcome"))},
        (400, 403, 409, 413, 415, 422),
        body=content,
        parameters=[
            _parameter(f"ce-{name}", "header", "Of an event in binary mode.") | {"required": False}
            for name in ("specversion", "id", "source", "type", "subject", "time")
        ],
    )


def _showing_an_event() -> Document:
    return _operation(
        "showEvent",
        "Show the receipt of an event, and whether Kafka has it.",
        {"200": _answer("It was accepted.", _schema("EventShown"))},
        (403, 404, 422),
        parameters=[
            _parameter("event_id", "path", "The event's `id`; it may hold slashes."),
            _parameter("source", "query", "The event's `source`."),
        ],
    )


def _taking_contacts() -> Document:
    return _operation(
        "takeContacts",
        "Hand over one contact or many, sealed for notify; one that was sent before is replaced.",
        {"202": _answer("Notify has them.", _schema("ContactsTaken"))},
        (400, 403, 413, 415, 422),
        body={_JSON: _content({"oneOf": [_schema("Contact"), _many(_schema("Contact"))]})},
    )


def _erasing_a_contact() -> Document:
    return _operation(
        "eraseContact",
        "Have everything about a recipient destroyed.",
        {"204": {"description": "It is done."}},
        (403, 422),
        parameters=[_parameter("contact_ref", "path", "The recipient's pseudonym.")],
    )


def _beginning_an_import() -> Document:
    return _operation(
        "beginImport",
        "Say what was accepted of a log before it is imported; refuse one that would double it.",
        {"200": _answer("It may be imported.", _schema("KnownLog"))},
        (403, 409, 413, 415, 422),
        body={_JSON: _content(_schema("Announcement"))},
    )


def _showing_sent() -> Document:
    return _operation(
        "showSentEvents",
        "Show events of a log that were accepted, some thousand at a time, by their ids.",
        {"200": _answer("These; behind the last one there may be more.", _schema("SentEvents"))},
        (403, 422),
        parameters=[
            _parameter("source", "query", "Whose events: that of the log."),
            _parameter("after", "query", "The last `id` shown before.") | {"required": False},
        ],
    )


def _operation(
    name: str,
    summary: str,
    answers: Document,
    refusals: tuple[int, ...],
    *,
    body: Document | None = None,
    parameters: list[Document] | None = None,
) -> Document:
    statuses = sorted({*refusals, *_ANY})
    refused = {str(one): {"$ref": f"#/components/responses/Status{one}"} for one in statuses}
    operation: Document = {"operationId": name, "summary": summary, "responses": answers | refused}
    if parameters:
        operation["parameters"] = parameters
    if body:
        operation["requestBody"] = {"required": True, "content": body}
    return operation


def _refusal(status: int) -> Document:
    names = {"type": {"enum": [NAMESPACE + name for name in BY_STATUS[status]]}}
    schema = {"allOf": [_schema("Problem"), {"properties": names}]}
    told = "; ".join(f"`{name}`: {meaning}" for name, meaning in BY_STATUS[status].items())
    response = {
        "description": f"{HTTPStatus(status).phrase}. {told}",
        "content": {MEDIA_TYPE: _content(schema)},
    }
    if status not in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        return response
    seconds = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}
    return response | {"headers": {"Retry-After": seconds}}


def _schemas() -> Document:
    outside = [entry for entry in CATALOGUE.values() if is_from_outside(entry)]
    models = [(one, _MODE) for one in (Announcement, BatchOutcome, Contact, KnownLog, SentEvents)]
    _, generated = models_json_schema(
        models, ref_template=_SCHEMAS + "{model}", schema_generator=ContractSchema
    )
    event = whole_event(outside, lambda entry: _SCHEMAS + entry.model.__name__)
    data = shared_definitions(outside, _SCHEMAS + "{model}")
    return {**data, **generated["$defs"], "Event": event, **_BY_HAND}


def _content(schema: Document) -> Document:
    return {"schema": schema}


def _answer(description: str, schema: Document) -> Document:
    return {"description": description, "content": {_JSON: _content(schema)}}


def _schema(name: str) -> Document:
    return {"$ref": _SCHEMAS + name}


def _many(schema: Document) -> Document:
    return {"type": "array", "items": schema, "maxItems": BATCH_LIMIT}


def _parameter(name: str, place: str, about: str) -> Document:
    return {
        "name": name,
        "in": place,
        "description": about,
        "required": True,
        "schema": {"type": "string"},
    }


_TEXT = {"type": "string"}
_PLACES = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "index": {"type": "integer", "description": "The place in the request, from 0."},
            "fields": {"type": "array", "items": {"$ref": _SCHEMAS + "WrongField"}},
        },
    },
}
_BY_HAND: Mapping[str, Document] = MappingProxyType(
    {
        "EventShown": {
            "type": "object",
            "properties": {
                **dict.fromkeys(("id", "source", "type", "subject"), _TEXT),
                "sequence": {"type": "integer", "minimum": 1},
                "accepted_at": {"type": "string", "format": "date-time"},
                "published": {"type": "boolean", "description": "Whether Kafka has it."},
            },
            "required": [
                *("id", "source", "type", "subject", "sequence", "accepted_at", "published")
            ],
        },
        "ContactsTaken": {
            "type": "object",
            "properties": {
                "accepted": {"type": "integer", "minimum": 1},
                "refused": _PLACES | {"description": "Addresses left out, beside others taken."},
            },
            "required": ["accepted"],
        },
        "Problem": {
            "description": "Problem details (RFC 9457); values that were sent are never quoted.",
            "type": "object",
            "properties": {
                "type": _TEXT | {"format": "uri"},
                "title": _TEXT,
                "status": {"type": "integer"},
                "detail": _TEXT,
                "errors": {
                    "type": "array",
                    "items": {"type": "object"},
                    "description": "What is wrong, by place in the request or by field.",
                },
            },
            "required": ["type", "title", "status"],
        },
    }
)
