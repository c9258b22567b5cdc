"""Our bytes are read by the CloudEvents SDK, and its bytes by us."""

import json
from datetime import UTC, datetime
from typing import Any

from cloudevents.core.bindings import kafka as sdk
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent as SdkEvent
from hypothesis import given
from hypothesis import strategies as st

from shared.events import json_format
from shared.events.envelope import BATCH_JSON, JSON, STRUCTURED_JSON, CloudEvent, to_attributes
from shared.events.event import decode, encode
from shared.events.kafka_binding import from_kafka, to_kafka
from tests.contract import samples

FORMAT = JSONFormat()

# Printable and without spaces: what both sides take as an attribute.
texts = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40)
times = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
extensions = st.dictionaries(st.from_regex(r"ext[a-z0-9]{1,17}", fullmatch=True), texts, max_size=3)
json_objects = st.dictionaries(
    st.text(max_size=8),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=5,
    ),
    max_size=4,
)


@st.composite
def envelopes(draw: st.DrawFn) -> CloudEvent:
    subject = draw(texts)
    return CloudEvent(
        id=draw(texts),
        source=draw(texts),
        type=draw(texts),
        subject=subject,
        time=draw(times),
        datacontenttype=JSON,
        data=json.dumps(draw(json_objects)).encode(),
        extensions=draw(extensions) | {"partitionkey": subject},
    )


def attributes(event: CloudEvent) -> dict[str, Any]:
    return to_attributes(event) | {"time": event.time}


def as_sdk_event(event: CloudEvent) -> SdkEvent:
    return SdkEvent(attributes(event), json.loads(event.data or b""))


def same(left: CloudEvent, right: CloudEvent) -> bool:
    data = [json.loads(event.data or b"") for event in (left, right)]
    return attributes(left) == attributes(right) and data[0] == data[1]


@given(envelopes())
def test_sdk_reads_our_records(event: CloudEvent) -> None:
    ours = to_kafka(event)
    message = sdk.KafkaMessage(headers=dict(ours.headers), key=ours.key, value=ours.value or b"")
    read = sdk.from_kafka(message, FORMAT)
    assert read.get_attributes() == attributes(event)
    assert read.get_data() == json.loads(event.data or b"")


@given(envelopes())
def test_sdk_reads_our_documents(event: CloudEvent) -> None:
    read = FORMAT.read(None, json_format.to_document(event))
    assert read.get_attributes() == attributes(event)
    assert read.get_data() == json.loads(event.data or b"")


@given(envelopes())
def test_we_read_records_of_the_sdk_in_binary_mode(event: CloudEvent) -> None:
    message = sdk.to_binary(as_sdk_event(event), FORMAT)
    assert same(from_kafka(list(message.headers.items()), message.value), event)


@given(envelopes())
def test_we_read_records_of_the_sdk_in_structured_mode(event: CloudEvent) -> None:
    message = sdk.to_structured(as_sdk_event(event), FORMAT)
    assert message.headers == {"content-type": STRUCTURED_JSON.encode()}
    assert same(from_kafka(list(message.headers.items()), message.value), event)


@given(st.lists(envelopes(), max_size=3))
def test_a_batch_is_the_list_of_its_documents(events: list[CloudEvent]) -> None:
    assert BATCH_JSON == "application/cloudevents-batch+json"
    body = b"[%s]" % b",".join(map(json_format.to_document, events))
    read = [json_format.from_document(one) for one in json_format.parse_document(body)]
    assert all(same(*pair) for pair in zip(read, events, strict=True))


def test_sdk_and_we_understand_every_sample_alike() -> None:
    for sample in samples.structured():
        theirs = sdk.to_binary(FORMAT.read(None, json.dumps(sample).encode()), FORMAT)
        ours = decode(json_format.from_document(sample))
        assert decode(from_kafka(list(theirs.headers.items()), theirs.value)) == ours
        assert dict(to_kafka(encode(ours)).headers)["ce_type"] == theirs.headers["ce_type"]
