"""JSON Schemas as a judge and as a source of data."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import Any

import jsonschema
from hypothesis import strategies as st
from referencing import Registry, Resource

from shared.events.json_schema import WHOLE_EVENT, data_schema, event_schema, urn
from shared.events.registry import CATALOGUE, EventType

SCHEMAS = {entry.name: data_schema(entry) for entry in CATALOGUE.values()}
_REGISTRY: Any = Registry().with_resources(
    [(schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()]
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(_DATE.fullmatch(value) and date.fromisoformat(value))


def is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return bool(_TIME.fullmatch(value) and datetime.fromisoformat(value.upper()))


_FORMATS = jsonschema.FormatChecker(formats=())
_FORMATS.checkers = {"date": (is_date, ValueError), "date-time": (is_date_time, ValueError)}


def judge(schema: dict[str, Any]) -> jsonschema.Draft202012Validator:
    """Give a validator that knows our schemas by their URN and checks formats."""
    return jsonschema.Draft202012Validator(schema, registry=_REGISTRY, format_checker=_FORMATS)


DATA_JUDGES = {name: judge(schema) for name, schema in SCHEMAS.items()}
EVENT_JUDGE = judge(event_schema())
assert event_schema()["$id"] == urn(WHOLE_EVENT)


@cache
def facts(entry: EventType) -> st.SearchStrategy[Any]:
    """Give JSON data that the type's schema allows."""
    schema = SCHEMAS[entry.name]
    return _values(schema, schema.get("$defs", {}))


def _values(schema: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _values(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        return st.one_of(*(_values(one, definitions) for one in schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    return _BY_TYPE[schema["type"]](schema, definitions)


def _texts(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    match schema.get("format"):
        case "date":
            return st.dates().map(date.isoformat)
        case "date-time":
            zones = st.sampled_from(
                [UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9.5))]
            )
            return st.datetimes(timezones=zones).map(datetime.isoformat)
    return st.from_regex(schema["pattern"], fullmatch=True)


def _objects(schema: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "patternProperties" in schema:
        [(pattern, value)] = schema["patternProperties"].items()
        keys = st.from_regex(pattern, fullmatch=True)
        return st.dictionaries(keys, _values(value, definitions), max_size=4)
    required = set(schema.get("required", ()))
    fields = {
        name: _values(field, definitions) for name, field in schema.get("properties", {}).items()
    }
    return st.fixed_dictionaries(
        {name: field for name, field in fields.items() if name in required},
        optional={name: field for name, field in fields.items() if name not in required},
    )


def _lists(schema: dict[str, Any], definitions: dict[str, Any]) -> st.SearchStrategy[Any]:
    return st.lists(
        _values(schema["items"], definitions),
        min_size=schema.get("minItems", 0),
        max_size=min(schema.get("maxItems", 4), 4),
    )


_BY_TYPE: dict[str, Callable[[dict[str, Any], dict[str, Any]], st.SearchStrategy[Any]]] = {
    "null": lambda _schema, _definitions: st.none(),
    "boolean": lambda _schema, _definitions: st.booleans(),
    "integer": lambda schema, _: st.integers(schema.get("minimum"), schema.get("maximum")),
    "number": lambda schema, _: st.floats(schema["minimum"], schema["maximum"]),
    "string": lambda schema, _definitions: _texts(schema),
    "array": _lists,
    "object": _objects,
}
