"""CloudEvents over HTTP: a request in binary, structured or batched mode.

Source: HTTP Protocol Binding for CloudEvents 1.0.2. The mode is decided by the content type
alone. Whatever the mode, the events come back as documents of the JSON format.
"""

import base64
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from shared.events.envelope import ATTRIBUTES, BATCH_JSON, STRUCTURED_JSON, is_json
from shared.events.errors import Defect, EventError, FieldError, field_path
from shared.events.json_format import parse_document

PREFIX = b"ce-"
CONTENT_TYPE = b"content-type"
Headers = Sequence[tuple[bytes, bytes]]
"""Names in lower case and values, as an ASGI server gives them."""

_HEADERS = {"content-type", *(f"ce-{name}" for name in ATTRIBUTES)}
_CLOUD_EVENTS = "application/cloudevents"


def documents(headers: Headers, body: bytes) -> list[Any]:
    """Read the events of a request, each as a parsed document for `json_format.from_document`.

    Raises:
        EventError: the mode is unknown, a header is not readable, the body is not JSON.
    """
    content_type = _content_type(headers)
    if content_type is None or not content_type.lower().startswith(_CLOUD_EVENTS):
        return [_binary(headers, content_type, body)]
    media_type, _, parameters = content_type.lower().partition(";")
    if "charset" in parameters and "utf-8" not in parameters:
        raise _unknown_mode("the charset must be utf-8")
    match media_type.strip():
        case "application/cloudevents+json":
            return [parse_document(body)]
        case "application/cloudevents-batch+json":
            return _batch(parse_document(body))
    raise _unknown_mode(f"must be {STRUCTURED_JSON} or {BATCH_JSON}")


def _batch(document: object) -> list[Any]:
    if not isinstance(document, list):
        raise EventError(Defect.BODY_NOT_JSON, FieldError("body", "must be a JSON array"))
    return document


def _binary(headers: Headers, content_type: str | None, body: bytes) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name, value in headers:
        if not name.startswith(PREFIX):
            continue
        attribute = _text(name, name.removeprefix(PREFIX))
        if attribute in document:
            raise EventError(
                Defect.ATTRIBUTE_INVALID,
                FieldError(field_path(attribute, known=ATTRIBUTES), "stands twice"),
            )
        document[attribute] = _attribute(name, value)
    if not document:
        raise _unknown_mode(
            f"must be {STRUCTURED_JSON} or {BATCH_JSON}, or the headers must carry ce- attributes"
        )
    if content_type is not None:
        document["datacontenttype"] = content_type
    return document | _data(content_type, body)


def _data(content_type: str | None, body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    if is_json(content_type):
        return {"data": parse_document(body)}
    return {"data_base64": base64.b64encode(body).decode()}


def _attribute(name: bytes, value: bytes) -> str:
    """Undo quoting, then one round of percent-encoding (binding § 3.1.3.2)."""
    if len(value) > 1 and value.startswith(b'"') and value.endswith(b'"'):
        value = value[1:-1].replace(b'\\"', b'"').replace(b"\\\\", b"\\")
    return _text(name, unquote_to_bytes(value))


def _content_type(headers: Headers) -> str | None:
    values = [value for name, value in headers if name == CONTENT_TYPE]
    if len(values) > 1:
        raise _unknown_mode("stands twice")
    return _text(CONTENT_TYPE, values[0]) if values else None


def _text(name: bytes, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise EventError(
            Defect.HEADER_NOT_UTF8,
            FieldError(field_path(name.decode("latin-1"), known=_HEADERS), "is not UTF-8"),
        ) from None


def _unknown_mode(reason: str) -> EventError:
    return EventError(Defect.MODE_UNKNOWN, FieldError("content-type", reason))
