"""Two events are the same when they mean the same."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.fingerprint import fingerprint, fingerprint_of_writing
from services.intake.plausibility import Reach
from services.intake.receipts import Entry, settle
from services.intake.screening import Candidate, Rules, screen
from shared.events.event import Event, decode, encode
from shared.events.kafka_binding import from_kafka, to_kafka
from shared.security.identity import SourceSystem
from tests.contract.samples import events
from tests.listed import KEYS

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SYSTEM = SourceSystem("permits", ("urn:test",), ("*",), unlisted=("urn:test",))
RULES = Rules(SYSTEM, NOW, timedelta(minutes=5), Reach(), KEYS)
ATTRIBUTES: Mapping[str, object] = {
    "specversion": "1.0",
    "id": "1",
    "source": "urn:test",
    "subject": "case-" + "a" * 26,
    "time": "2026-03-02T09:15:00+01:00",
}
DECISION: dict[str, Any] = {
    "decision_id": "decision-" + "a" * 26,
    "type_code": "AufenthG-18b",
    "direction": "adverse",
    "unit": "unit-2",
    "decider": "decider-" + "a" * 26,
    "features": {"years-of-stay": 4, "renewal": True},
}
APPOINTMENT: dict[str, Any] = {
    "appointment_id": "appointment-" + "a" * 26,
    "service_key": "permit",
    "office": "kaiserallee",
    "starts": "2026-12-08T10:00:00+01:00",
}
APPLICATION = {"channel": "online", "service_key": "permit", "unit": "unit-2"}
OFFICE = {"call.answered", "staffing.changed"}
DUE = "2026-06-01T00:00:00Z"


def admitted(name: str, data: object, **attributes: object) -> Candidate:
    about = {} if name not in OFFICE else {"subject": "direct"}
    type_ = f"gleichfall.{name}.v1"
    document = {**ATTRIBUTES, "type": type_, "data": data, **about, **attributes}
    (candidate,), _ = screen([json.loads(json.dumps(document))], RULES)
    return candidate


@pytest.mark.parametrize(
    ("name", "first", "again"),
    [
        ("application.received", APPLICATION, APPLICATION | {"language": "de"}),
        ("application.received", APPLICATION, APPLICATION | {"contact_ref": None, "due": None}),
        ("application.received", APPLICATION, APPLICATION | {"language": None}),
        (
            "application.received",
            APPLICATION | {"due": DUE},
            APPLICATION | {"due": "2026-06-01T02:00:00.000+02:00"},
        ),
        ("documents.requested", {"items": ["passport"]}, {"items": ["passport"], "note": None}),
        ("documents.requested", {"items": ["passport"]}, {"items": ["passport"], "due": None}),
        ("documents.received", {}, {"items": []}),
        ("documents.received", {}, {"items": [], "complete": None}),
        ("call.answered", {"line": "direct", "waited_seconds": 4}, {"waited_seconds": 4.0}),
        ("call.answered", {"line": "direct", "waited_seconds": 40}, {"waited_seconds": 4e1}),
        ("staffing.changed", {"posts": 4, "vacant": 0}, {"posts": 4.0, "vacant": -0.0}),
        ("appointment.booked", APPOINTMENT, {"emergency": False, "language": "de", "ends": None}),
        ("appointment.booked", APPOINTMENT, {"starts": "2026-12-08T09:00:00Z"}),
        (
            "decision.made",
            DECISION,
            {"features": {"renewal": True, "years-of-stay": 4.0}, "co_signer": None},
        ),
        (
            "decision.made",
            {name: DECISION[name] for name in DECISION if name != "features"},
            {"features": {}},
        ),
    ],
)
def test_what_means_the_same_is_the_same(
    name: str, first: dict[str, Any], again: dict[str, Any]
) -> None:
    one = admitted(name, first)
    other = admitted(name, dict(reversed((first | again).items())))
    assert other.fingerprint == one.fingerprint


@pytest.mark.parametrize(
    "changes",
    [
        {"direction": "neutral"},
        {"features": {"years-of-stay": 5, "renewal": True}},
        {"features": {"years-of-stay": 4, "renewal": False}},
        {"features": {"years-of-stay": 4}},
        {"reasons_given": False},
        {"language": "en"},
    ],
)
def test_other_data_is_another_event(changes: dict[str, Any]) -> None:
    one, other = admitted("decision.made", DECISION), admitted("decision.made", DECISION | changes)
    assert other.fingerprint != one.fingerprint


def test_writing_a_letter_as_its_number_says_nothing_else() -> None:
    document = {**ATTRIBUTES, "type": "gleichfall.decision.made.v1", "data": DECISION}
    escaped = json.dumps(document).replace("unit-2", "\\u0075nit-\\u0032")
    (one, other), _ = screen([document, json.loads(escaped)], RULES)
    assert other.fingerprint == one.fingerprint


@given(st.permutations(sorted(DECISION)), st.permutations(["years-of-stay", "renewal"]))
@settings(max_examples=20, deadline=None)
def test_the_order_of_keys_says_nothing(fields: list[str], features: list[str]) -> None:
    data = {name: DECISION[name] for name in fields}
    data["features"] = {name: DECISION["features"][name] for name in features}
    written = admitted("decision.made", data)
    assert written.fingerprint == admitted("decision.made", DECISION).fingerprint


@pytest.mark.parametrize(
    ("attributes", "same"),
    [
        ({"time": "2026-03-02T08:15:00Z"}, True),
        ({"time": "2026-03-02T08:15:00.000Z"}, True),
        ({"traceparent": "00-1-2-01"}, True),
        ({"datacontenttype": "text/json"}, True),
        ({"time": "2026-03-02T08:15:00.000001Z"}, False),
        ({"subject": "case-" + "b" * 26}, False),
    ],
)
def test_time_and_subject_are_part_of_the_meaning_and_the_transport_is_not(
    attributes: dict[str, str], same: bool
) -> None:
    one = admitted("decision.made", DECISION)
    other = admitted("decision.made", DECISION, **attributes)
    assert (other.fingerprint == one.fingerprint) == same


def test_the_type_is_part_of_the_meaning() -> None:
    assert admitted("hearing.answered", {}).fingerprint != admitted("case.closed", {}).fingerprint


def test_an_event_that_an_earlier_release_entered_is_a_duplicate() -> None:
    candidate = admitted("appointment.booked", APPOINTMENT | {"language": "de", "ends": None})
    event: Event = candidate.event
    entered = fingerprint_of_writing(event, APPOINTMENT | {"language": "de", "ends": None})
    receipts, refusals = settle([candidate], {candidate.key: Entry(entered, 7)}, {})
    assert [receipt.sequence for receipt in receipts] == [7]
    assert not refusals

    other = fingerprint_of_writing(event, APPOINTMENT | {"language": "en"})
    _, refusals = settle([candidate], {candidate.key: Entry(other, 7)}, {})
    assert len(refusals) == 1


@pytest.mark.parametrize("event", events(), ids=lambda one: one.data.event_type)
def test_an_event_read_from_kafka_has_the_print_that_it_had_at_the_door(event: Event) -> None:
    sent = to_kafka(encode(event))
    assert fingerprint(decode(from_kafka(sent.headers, sent.value))) == fingerprint(event)
