"""CloudEvents over HTTP: three modes, one result."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from shared.events.errors import Defect, EventError
from shared.events.http_binding import documents
from shared.events.json_format import from_document

EVENT = {
    "specversion": "1.0",
    "id": "1",
    "source": "urn:test",
    "type": "example",
    "datacontenttype": "application/json",
    "data": {"answer": 42},
}
ATTRIBUTES = {name: str(value) for name, value in EVENT.items() if name != "data"}


def headers(content_type: str | None = None, **attributes: str) -> list[tuple[bytes, bytes]]:
    given_type = [] if content_type is None else [(b"content-type", content_type.encode())]
    return given_type + [
        (f"ce-{name}".encode(), text.encode()) for name, text in attributes.items()
    ]


def binary(**changes: str) -> list[tuple[bytes, bytes]]:
    attributes = ATTRIBUTES | changes
    return headers(attributes.pop("datacontenttype"), **attributes)


def test_all_modes_give_the_same_document() -> None:
    single, batch = to_json(EVENT), to_json([EVENT])
    assert documents(headers("application/cloudevents+json"), single) == [EVENT]
    assert documents(headers("application/cloudevents-batch+json"), batch) == [EVENT]
    assert documents(binary(), to_json(EVENT["data"])) == [EVENT]


def test_the_mode_is_told_by_the_media_type_in_any_case() -> None:
    spelt = headers("Application/CloudEvents+JSON; charset=UTF-8")
    assert documents(spelt, to_json(EVENT)) == [EVENT]


def test_attributes_beside_a_structured_body_are_ignored() -> None:
    both = headers("application/cloudevents+json", id="another")
    assert documents(both, to_json(EVENT)) == [EVENT]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_any_text_travels_percent_encoded(text: str) -> None:
    (document,) = documents(binary(id=quote(text)), b"")
    assert document["id"] == text


def test_quoted_values_lose_their_quotes() -> None:
    (document,) = documents(binary(id=r'"a \"quoted\" name"'), b"")
    assert document["id"] == 'a "quoted" name'


def test_data_that_is_no_json_survives_as_bytes() -> None:
    (document,) = documents(binary(datacontenttype="text/plain"), b"\xff\x00")
    assert from_document(document).data == b"\xff\x00"


def test_an_event_without_a_body_has_no_data() -> None:
    (document,) = documents(binary(), b"")
    assert from_document(document).data is None


@pytest.mark.parametrize(
    ("given_headers", "body", "defect"),
    [
        ([], b"{}", Defect.MODE_UNKNOWN),
        (headers("application/json"), b"{}", Defect.MODE_UNKNOWN),
        (headers("application/cloudevents+avro"), b"{}", Defect.MODE_UNKNOWN),
        (headers("application/cloudevents+json; charset=latin-1"), b"{}", Defect.MODE_UNKNOWN),
        (headers("application/json") * 2, b"{}", Defect.MODE_UNKNOWN),
        (headers("application/cloudevents+json"), b" ", Defect.BODY_EMPTY),
        (headers("application/cloudevents+json"), b"{", Defect.BODY_NOT_JSON),
        (headers("application/cloudevents-batch+json"), b"{}", Defect.BODY_NOT_JSON),
        (binary(id="%ff"), b"{}", Defect.HEADER_NOT_UTF8),
        ([*binary(), (b"ce-id", b"2")], b"{}", Defect.ATTRIBUTE_INVALID),
        (binary(), b"{", Defect.BODY_NOT_JSON),
    ],
)
def test_what_cannot_be_read_is_refused_by_reason(
    given_headers: list[tuple[bytes, bytes]], body: bytes, defect: Defect
) -> None:
    with pytest.raises(EventError) as refused:
        documents(given_headers, body)
    assert refused.value.defect is defect
