import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.envelope import CloudEvent
from shared.events.errors import Defect, EventError
from shared.events.kafka_binding import from_kafka, to_kafka

BINARY: list[tuple[str, bytes | None]] = [
    ("ce_specversion", b"1.0"),
    ("ce_id", b"binary"),
    ("ce_source", b"urn:example"),
    ("ce_type", b"example"),
]
DOCUMENT = {"specversion": "1.0", "id": "structured", "source": "urn:example", "type": "example"}


def defect_of(headers: list[tuple[str, bytes | None]], value: bytes | None = b"{}") -> Defect:
    with pytest.raises(EventError) as refusal:
        from_kafka(headers, value)
    return refusal.value.defect


def test_attributes_stand_in_headers_and_data_in_the_value() -> None:
    event = from_kafka([*BINARY, ("ce_subject", b"x"), ("content-type", b"text/plain")], b"data")
    assert (event.id, event.subject, event.datacontenttype) == ("binary", "x", "text/plain")
    assert event.data == b"data"


def test_the_key_is_the_subject() -> None:
    event = CloudEvent("1", "urn:example", "example", subject="case-x", data=b"{}")
    assert to_kafka(event).key == b"case-x"


def test_headers_of_others_stand_beside_ours() -> None:
    event = from_kafka([*BINARY, ("correlation_id", b"7"), ("X-Trace", b"")], b"{}")
    assert event.extensions == {}


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/cloudevents+json",
        b"application/cloudevents+json; charset=utf-8",
        b"Application/CloudEvents+JSON",
    ],
)
@pytest.mark.parametrize("others", [[], BINARY])
def test_the_content_type_alone_makes_a_record_structured(
    content_type: bytes, others: list[tuple[str, bytes | None]]
) -> None:
    headers = [*others, ("content-type", content_type)]
    assert from_kafka(headers, json.dumps(DOCUMENT).encode()).id == "structured"


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/cloudevents-batch+json",
        b"application/cloudevents+avro",
        b"application/cloudevents",
    ],
)
def test_other_cloudevents_modes_are_refused(content_type: bytes) -> None:
    assert defect_of([*BINARY, ("content-type", content_type)]) is Defect.MODE_UNKNOWN


def test_a_null_header_is_named_where_the_name_is_ours() -> None:
    told = r"^header_null: \(withheld\): is null; ce_subject: is null$"
    with pytest.raises(EventError, match=told):
        from_kafka([*BINARY, ("ce_subject", None), ("Anna", None)], b"{}")


def test_a_header_that_is_not_utf_8_is_named_without_its_bytes() -> None:
    with pytest.raises(EventError, match=r"^header_not_utf8: ce_subject: is not UTF-8$"):
        from_kafka([*BINARY, ("ce_subject", b"M\xfcller")], b"{}")
    with pytest.raises(EventError, match=r"^header_not_utf8: \(withheld\): is not UTF-8$"):
        from_kafka([*BINARY, ("Anna", b"M\xfcller")], b"{}")


def test_a_record_without_headers_is_no_event() -> None:
    assert defect_of([]) is Defect.ATTRIBUTE_MISSING


def test_a_structured_record_without_value_is_refused() -> None:
    headers: list[tuple[str, bytes | None]] = [("content-type", b"application/cloudevents+json")]
    assert defect_of(headers, None) is Defect.BODY_EMPTY


def test_a_binary_record_without_value_is_an_event_without_data() -> None:
    assert from_kafka(BINARY, None).data is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ce_id", "ce_time", "ce_x", "ce_", "content-type", "ce_specversion"])
            | st.text(max_size=5),
            st.none()
            | st.binary(max_size=12)
            | st.sampled_from([b"1.0", b"application/cloudevents+json"]),
        ),
        max_size=8,
    ),
    st.none() | st.binary(max_size=30),
)
def test_any_record_is_read_or_refused(
    headers: list[tuple[str, bytes | None]], value: bytes | None
) -> None:
    with contextlib.suppress(EventError):
        from_kafka([*BINARY, *headers], value)
