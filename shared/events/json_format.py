"""The CloudEvents JSON format: one event as a JSON document.

Source: CloudEvents JSON Event Format 1.0.2.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json, to_json

from shared.events.envelope import ATTRIBUTES, CloudEvent, from_attributes, is_json, to_attributes
from shared.events.errors import Defect, EventError, FieldError, field_path


def parse_document(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Parse a JSON body.

    Raises:
        EventError: the body is empty or not JSON.
    """
    if not body.strip():
        raise EventError(Defect.BODY_EMPTY, FieldError("body", "is empty"))
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise EventError(Defect.BODY_NOT_JSON, FieldError("body", str(error))) from None


def from_document(document: object) -> CloudEvent:
    """Read one event from a parsed JSON object.

    Raises:
        EventError: not an object, or an attribute is missing or malformed.
    """
    if not isinstance(document, Mapping):
        raise EventError(Defect.BODY_NOT_JSON, FieldError("event", "must be a JSON object"))
    attributes: dict[str, str] = {}
    for name, value in document.items():
        if name in ("data", "data_base64") or value is None:
            continue
        attributes[name] = _attribute(name, value)
    return from_attributes(attributes, _data(document, attributes.get("datacontenttype")))


def to_document(event: CloudEvent) -> bytes:
    """Write one event as a JSON object."""
    document: dict[str, Any] = dict(to_attributes(event))
    if event.data is None:
        return to_json(document)
    if is_json(event.datacontenttype):
        document["data"] = from_json(event.data)
        return to_json(document)
    try:
        document["data"] = event.data.decode()
    except UnicodeDecodeError:
        document["data_base64"] = base64.b64encode(event.data).decode()
    return to_json(document)


def _attribute(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    raise EventError(
        Defect.ATTRIBUTE_INVALID,
        FieldError(field_path(name, known=ATTRIBUTES), "must be a string, an integer or a boolean"),
    )


def _data(document: Mapping[str, Any], content_type: str | None) -> bytes | None:
    encoded = document.get("data_base64")
    if encoded is not None:
        if document.get("data") is not None:
            raise EventError(Defect.ATTRIBUTE_INVALID, FieldError("data_base64", "excludes data"))
        try:
            return base64.b64decode(encoded, validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise EventError(
                Defect.ATTRIBUTE_INVALID, FieldError("data_base64", "must be Base64")
            ) from None
    if "data" not in document:
        return None
    value = document["data"]
    if isinstance(value, str) and not is_json(content_type):
        return value.encode()
    return to_json(value)
