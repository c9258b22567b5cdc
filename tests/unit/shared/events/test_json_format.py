import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.envelope import CloudEvent
from shared.events.errors import Defect, EventError
from shared.events.json_format import from_document, parse_document, to_document

MINIMAL = {"specversion": "1.0", "id": "1", "source": "urn:example", "type": "example"}


@pytest.mark.parametrize(
    ("body", "defect"),
    [
        (b"", Defect.BODY_EMPTY),
        (b" \n", Defect.BODY_EMPTY),
        (b"{", Defect.BODY_NOT_JSON),
        (b"\xff\xfe", Defect.BODY_NOT_JSON),
        (b'{"a": NaN}', Defect.BODY_NOT_JSON),
        (b'{"a": -Infinity}', Defect.BODY_NOT_JSON),
        (b'"\\ud800"', Defect.BODY_NOT_JSON),
        (b"[" * 100_000, Defect.BODY_NOT_JSON),
    ],
)
def test_what_is_not_json_is_refused(body: bytes, defect: Defect) -> None:
    with pytest.raises(EventError) as refusal:
        parse_document(body)
    assert refusal.value.defect is defect


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(EventError):
        from_document(parse_document(body))


@pytest.mark.parametrize("document", [None, [], "text", 1, True])
def test_an_event_is_an_object(document: object) -> None:
    with pytest.raises(EventError, match="must be a JSON object"):
        from_document(document)


def test_attributes_may_be_whole_numbers_booleans_or_null() -> None:
    event = from_document(MINIMAL | {"number": 7, "yes": True, "no": False, "nothing": None})
    assert event.extensions == {"number": "7", "yes": "true", "no": "false"}


@pytest.mark.parametrize("value", [1.5, [], {}])
def test_other_attributes_are_refused(value: object) -> None:
    with pytest.raises(EventError, match=r"\(withheld\): must be a string"):
        from_document(MINIMAL | {"vendor": value})


def test_json_data_stand_as_they_are() -> None:
    event = from_document(MINIMAL | {"data": {"a": [1, "ä"]}})
    assert json.loads(event.data or b"") == {"a": [1, "ä"]}
    assert json.loads(to_document(event))["data"] == {"a": [1, "ä"]}


def test_text_data_stand_as_a_string() -> None:
    event = from_document(MINIMAL | {"datacontenttype": "text/plain", "data": "Grüße"})
    assert event.data == "Grüße".encode()
    assert json.loads(to_document(event))["data"] == "Grüße"


@given(st.binary(min_size=1))
def test_binary_data_survive(data: bytes) -> None:
    event = CloudEvent("1", "urn:example", "example", datacontenttype="image/png", data=data)
    assert from_document(json.loads(to_document(event))).data == data


@pytest.mark.parametrize(
    "data",
    [{"data": {"a": 1}, "data_base64": None}, {"data": None, "data_base64": "eyJhIjoxfQ=="}],
)
def test_a_way_to_write_data_that_is_null_is_not_used(data: dict[str, object]) -> None:
    """As programs write every member of a class, whether it has a value or not."""
    assert from_document(MINIMAL | data).data == b'{"a":1}'


def test_base64_of_json_is_json() -> None:
    event = from_document(MINIMAL | {"data_base64": "eyJhIjoxfQ=="})
    assert json.loads(to_document(event))["data"] == {"a": 1}


@pytest.mark.parametrize(
    "data",
    [{"data_base64": "a"}, {"data_base64": 1}, {"data_base64": "****"}],
)
def test_broken_base64_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(EventError, match="data_base64: must be Base64"):
        from_document(MINIMAL | data)


def test_data_come_once() -> None:
    with pytest.raises(EventError, match="data_base64: excludes data"):
        from_document(MINIMAL | {"data": {}, "data_base64": "e30="})


def test_an_event_may_have_no_data() -> None:
    event = from_document(MINIMAL)
    assert event.data is None
    assert json.loads(to_document(event)) == MINIMAL
