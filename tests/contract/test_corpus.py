"""Every event ever released is read for ever."""

import pytest

from shared.events import json_format
from shared.events.event import decode, encode
from shared.events.kafka_binding import from_kafka, to_kafka
from shared.events.registry import CATALOGUE, EventType, Facts
from tests.contract import samples
from tests.contract.schemas import EVENT_JUDGE

EVERY_TYPE = pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE)


@pytest.mark.parametrize("sample", samples.structured(), ids=lambda sample: sample["type"])
def test_every_structured_event_ever_released_parses(sample: dict[str, object]) -> None:
    event = decode(json_format.from_document(sample), unknown="forbid")
    assert event.data.event_type == sample["type"]
    EVENT_JUDGE.validate(sample)


@pytest.mark.parametrize(
    "record", samples.binary(), ids=lambda record: dict(record.headers)["ce_type"].decode()
)
def test_every_record_ever_released_parses(record: samples.Record) -> None:
    event = decode(from_kafka(record.headers, record.value), unknown="forbid")
    assert event.subject.encode() == record.key
    assert event.sequence >= 1


@EVERY_TYPE
def test_each_type_has_samples_in_both_modes(entry: EventType) -> None:
    assert entry.name in {sample["type"] for sample in samples.structured()}
    assert entry.name.encode() in {dict(record.headers)["ce_type"] for record in samples.binary()}


@EVERY_TYPE
def test_each_type_has_a_sample_with_every_field_and_one_with_the_required_only(
    entry: EventType,
) -> None:
    given = [set(sample["data"]) for sample in samples.structured() if sample["type"] == entry.name]
    fields = entry.model.model_fields
    assert set(fields) in given
    assert {name for name, field in fields.items() if field.is_required()} in given


def test_both_modes_carry_an_event_unchanged() -> None:
    for event in samples.events():
        message = to_kafka(encode(event))
        assert decode(from_kafka(message.headers, message.value), unknown="forbid") == event
        document = json_format.parse_document(json_format.to_document(encode(event)))
        assert decode(json_format.from_document(document), unknown="forbid") == event


def test_a_field_of_a_newer_producer_is_ignored_by_consumers() -> None:
    for sample in samples.structured():
        newer = sample | {"data": sample["data"] | {"field_of_tomorrow": {"deep": ["down"]}}}
        event = decode(json_format.from_document(newer), unknown="ignore")
        assert isinstance(event.data, Facts)
        assert "field_of_tomorrow" not in event.data.model_dump()
