import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.catalogue.case import DecisionMade
from shared.events.envelope import CloudEvent
from shared.events.errors import MOST_FIELDS, Defect, EventError
from shared.events.event import decode, encode, new_event
from shared.events.kafka_binding import from_kafka, to_kafka
from shared.events.registry import CATALOGUE, SubjectKind
from shared.events.vocabulary import Direction

CASE = "case-" + "a" * 26
NAME = "Erika Mustermann"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DECISION = DecisionMade(
    decision_id="decision-" + "b" * 26,
    type_code="residence-permit-18b",
    direction=Direction.ADVERSE,
    unit="unit-2",
    decider="decider-" + "c" * 26,
)
EVENT = new_event("urn:example", CASE, DECISION, time=NOON)
ENVELOPE = encode(EVENT)


def with_data(**fields: object) -> CloudEvent:
    return ENVELOPE._replace(data=json.dumps(json.loads(ENVELOPE.data or b"") | fields).encode())


def refusal_of(envelope: CloudEvent, **options: Any) -> EventError:
    with pytest.raises(EventError) as refusal:
        decode(envelope, **options)
    return refusal.value


def test_our_ids_grow_with_time() -> None:
    ids = [new_event("urn:example", CASE, DECISION, time=NOON).id for _ in range(50)]
    assert ids == sorted(set(ids))


def test_an_event_survives_encoding() -> None:
    numbered = EVENT._replace(sequence=3, traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
    assert decode(encode(numbered)) == numbered


def test_an_event_that_nobody_has_numbered_carries_no_sequence() -> None:
    assert "sequence" not in ENVELOPE.extensions
    assert decode(ENVELOPE).sequence == 0


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "\u0661", "", " 1", "01", "9" * 5000])
def test_a_sequence_is_a_whole_number_from_1(text: str) -> None:
    refusal = refusal_of(ENVELOPE._replace(extensions={"sequence": text}))
    assert [wrong.field for wrong in refusal.fields] == ["sequence"]


@pytest.mark.parametrize(
    "text", [NAME, "", f"00-{'0' * 32}-{'b' * 16}-01", f"ff-{'a' * 32}-{'b' * 16}-01"]
)
def test_a_broken_trace_context_is_dropped(text: str) -> None:
    assert decode(ENVELOPE._replace(extensions={"traceparent": text})).traceparent is None


@pytest.mark.parametrize(
    ("change", "defect"),
    [
        ({"type": "gleichfall.decision.made.v9"}, Defect.TYPE_UNKNOWN),
        ({"subject": None}, Defect.PERSONAL_DATA),
        ({"subject": NAME}, Defect.PERSONAL_DATA),
        ({"subject": "case-" + "A" * 26}, Defect.PERSONAL_DATA),
        ({"subject": CASE + "\n"}, Defect.PERSONAL_DATA),
        ({"time": None}, Defect.ATTRIBUTE_MISSING),
        ({"data": None}, Defect.BODY_EMPTY),
        ({"data": b""}, Defect.BODY_EMPTY),
        ({"data": b"{"}, Defect.BODY_NOT_JSON),
        ({"data": b"[]"}, Defect.DATA_INVALID),
        ({"datacontenttype": "text/xml"}, Defect.ATTRIBUTE_INVALID),
    ],
)
def test_each_defect_has_its_name(change: dict[str, Any], defect: Defect) -> None:
    assert refusal_of(ENVELOPE._replace(**change)).defect is defect


@pytest.mark.parametrize("field", ["decider", "co_signer", "decision_id"])
@pytest.mark.parametrize("value", [NAME, "mustermann", "erika@example.org", "decider-1"])
def test_personal_data_in_a_pseudonym_is_refused_as_such(field: str, value: str) -> None:
    refusal = refusal_of(with_data(**{field: value}))
    assert refusal.defect is Defect.PERSONAL_DATA
    assert [wrong.field for wrong in refusal.fields] == [f"data.{field}"]


def test_every_pseudonym_of_the_catalogue_is_told_from_personal_data() -> None:
    for entry in CATALOGUE.values():
        names = [name for name in entry.model.model_fields if name.endswith(("_ref", "_id"))]
        for name in {*names, "decider", "co_signer"} & entry.model.model_fields.keys() - {
            "message_id"
        }:
            envelope = ENVELOPE._replace(
                type=entry.name,
                subject=CASE if entry.subject is SubjectKind.CASE else "key",
                data=json.dumps({name: NAME}).encode(),
            )
            assert refusal_of(envelope).defect is Defect.PERSONAL_DATA, (entry.name, name)


@pytest.mark.parametrize(
    "fields",
    [
        {"discretion_exercised": "true"},
        {"discretion_exercised": 1},
        {"features": {"years": 4.5}},
        {"direction": "ADVERSE"},
        {"type_code": 18},
    ],
)
def test_nothing_is_guessed(fields: dict[str, object]) -> None:
    assert refusal_of(with_data(**fields)).defect is Defect.DATA_INVALID


def test_the_door_forbids_unknown_fields_and_consumers_ignore_them() -> None:
    envelope = with_data(**{"nationality": "x", "4915228817386": "x"})
    refusal = refusal_of(envelope, unknown="forbid")
    assert [wrong.field for wrong in refusal.fields] == ["data.(withheld)"] * 2
    assert decode(envelope, unknown="ignore") == EVENT


def test_the_door_forbids_unknown_fields_deep_down() -> None:
    stratum = {"stratum": "work", "size": 1, "drawn": 1, "nationality": "x"}
    envelope = ENVELOPE._replace(
        type="gleichfall.review_period.closed.v1",
        subject="2026-Q1",
        data=json.dumps({"period": "2026-Q1", "seed": "a" * 64, "strata": [stratum]}).encode(),
    )
    refusal = refusal_of(envelope, unknown="forbid")
    assert [wrong.field for wrong in refusal.fields] == ["data.strata.0.(withheld)"]
    assert decode(envelope, unknown="ignore").sequence == 0


def test_every_wrong_field_is_named_at_once() -> None:
    refusal = refusal_of(with_data(unit=None, direction="up", type_code=""))
    assert [wrong.field for wrong in refusal.fields] == [
        "data.type_code",
        "data.direction",
        "data.unit",
    ]


FIELDS = sorted(DecisionMade.model_fields)


@given(
    st.sampled_from([*FIELDS, NAME]),
    st.sampled_from([NAME, [NAME], {NAME: NAME}, {"a": NAME}]),
    st.sampled_from(["forbid", "ignore"]),
)
def test_no_message_repeats_a_value_of_the_data(field: str, value: object, unknown: str) -> None:
    message = ""
    try:
        decode(with_data(**{field: value}), unknown=unknown)  # type: ignore[arg-type] # drawn
    except EventError as refusal:
        message = str(refusal)
    assert "Muster" not in message


@given(
    st.sampled_from(
        ["specversion", "id", "source", "type", "subject", "time", "sequence", "Muster Name"]
    )
)
def test_no_message_repeats_a_value_of_an_attribute(attribute: str) -> None:
    message = to_kafka(ENVELOPE)
    headers = [
        *((name, value) for name, value in message.headers if name != f"ce_{attribute}"),
        (f"ce_{attribute}", f"{NAME}\n".encode()),
    ]
    with pytest.raises(EventError) as refusal:
        decode(from_kafka(headers, message.value))
    assert "Muster" not in str(refusal.value)


def test_of_many_wrong_fields_some_are_told_and_how_many_more_there_are() -> None:
    many = with_data(**{f"name-{number}": 1 for number in range(60)})
    refusal = refusal_of(many, unknown="forbid")
    *told, last = refusal.fields
    assert [wrong.field for wrong in told] == ["data.(withheld)"] * MOST_FIELDS
    assert (last.field, last.reason) == ("(others)", "… and 40 more")
