"""The published schemas and the models that read events agree."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.events.registry import CATALOGUE, EventType
from tests.contract.schemas import DATA_JUDGES, EVENT_JUDGE, SCHEMAS, facts

EVERY_TYPE = pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE)

# Left out, because the two languages differ there: 1.0 is an integer in JSON Schema only, and
# Python's `$` also matches before a line break at the end, ECMAScript's and Rust's don't.
_JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: number % 1 != 0),
    st.text().filter(lambda text: not text.endswith("\n")),
    st.lists(st.none(), max_size=2),
    st.dictionaries(st.sampled_from(["a", "b c"]), st.booleans(), max_size=2),
)


def model_accepts(entry: EventType, data: object) -> bool:
    try:
        entry.model.model_validate_json(json.dumps(data), strict=True, extra="forbid")
    except ValidationError:
        return False
    return True


@EVERY_TYPE
def test_schema_is_valid_and_self_describing(entry: EventType) -> None:
    schema = SCHEMAS[entry.name]
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"].startswith("urn:gleichfall:schema:")
    assert schema["title"]
    assert schema["description"].endswith(".")


def test_whole_event_schema_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(EVENT_JUDGE.schema)


@EVERY_TYPE
@settings(max_examples=15, deadline=None)
@given(source=st.data())
def test_what_the_schema_allows_the_model_reads(entry: EventType, source: st.DataObject) -> None:
    data = source.draw(facts(entry))
    assert DATA_JUDGES[entry.name].is_valid(data)
    assert model_accepts(entry, data)


@EVERY_TYPE
@settings(max_examples=25, deadline=None)
@given(source=st.data())
def test_schema_and_model_agree_on_broken_data(entry: EventType, source: st.DataObject) -> None:
    data = source.draw(broken(facts(entry)))
    assert DATA_JUDGES[entry.name].is_valid(data) == model_accepts(entry, data)


@st.composite
def broken(draw: st.DrawFn, valid: st.SearchStrategy[Any]) -> Any:
    """Replace a field, leave one out, or add one."""
    data = dict(draw(valid))
    name = draw(st.sampled_from([*data, "stranger"]))
    if name in data and draw(st.booleans()):
        del data[name]
        return data
    data[name] = draw(_JUNK)
    return data


def _texts(
    schema: dict[str, Any], path: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    """Find every place in a schema that takes a string, with the way to it."""
    found = [(path, schema)] if schema.get("type") == "string" else []
    for name, below in schema.items():
        for part in below if isinstance(below, list) else [below]:
            if isinstance(part, dict):
                found += _texts(part, (*path, name))
    return found


@EVERY_TYPE
def test_no_text_field_takes_a_name_an_address_or_a_sentence(entry: EventType) -> None:
    personal = [
        "Erika Mustermann",
        "erika@example.org",
        "Kaiserallee 8, 76133 Karlsruhe",
        "+49 721 1330",
        "The applicant is ill.",
        "",
    ]
    for path, schema in _texts(SCHEMAS[entry.name]):
        judge = jsonschema.Draft202012Validator(schema)
        taken = [text for text in personal if judge.is_valid(text)]
        assert not taken or "format" in schema, path
