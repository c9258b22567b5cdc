"""What the specification of OCEL 2.0 asks of a JSON file (its section 8.2, by draft-07)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from jsonschema import Draft7Validator

Document = Mapping[str, Any]


def _objects(needed: str, **fields: Document) -> Document:
    """A list of objects with these fields, of which those that are named must be there."""
    return {
        "type": "array",
        "items": {"type": "object", "required": needed.split(), "properties": fields},
    }


_TEXT = {"type": "string"}
_TYPES = _objects(
    "name attributes", name=_TEXT, attributes=_objects("name type", name=_TEXT, type=_TEXT)
)
_RELATED = _objects("objectId qualifier", objectId=_TEXT, qualifier=_TEXT)
_SCHEMA = {
    "type": "object",
    "required": ["eventTypes", "objectTypes", "events", "objects"],
    "properties": {
        "eventTypes": _TYPES,
        "objectTypes": _TYPES,
        "events": _objects(
            "id type time",
            id=_TEXT,
            type=_TEXT,
            time=_TEXT,
            attributes=_objects("name value", name=_TEXT, value=_TEXT),
            relationships=_RELATED,
        ),
        "objects": _objects(
            "id type",
            id=_TEXT,
            type=_TEXT,
            attributes=_objects("name value time", name=_TEXT, value=_TEXT, time=_TEXT),
            relationships=_RELATED,
        ),
    },
}
_READ: Mapping[str, Callable[[str], object]] = {
    "string": str,
    "time": datetime.fromisoformat,
    "integer": int,
    "float": float,
    "boolean": {"true": True, "false": False}.__getitem__,
}
"""The types that there are (section 8), and how the text of each is read."""


def read_all(document: Document) -> dict[str, dict[str, object]]:
    """Hold a file against the schema; gives each event's attributes as their types declare them."""
    Draft7Validator(_SCHEMA).validate(document)
    declared = {
        (kind["name"], one["name"]): _READ[one["type"]]
        for kind in document["eventTypes"]
        for one in kind["attributes"]
    }
    for one in document["events"]:
        assert datetime.fromisoformat(one["time"]).tzinfo is not None
    return {
        one["id"]: {
            told["name"]: declared[one["type"], told["name"]](told["value"])
            for told in one["attributes"]
        }
        for one in document["events"]
    }
