"""What an event log tells of an event."""

import json
from datetime import UTC, date, datetime

import pytest

from services.controlling.event_log.attributes import LEFT_OUT, activity, attributes
from shared.events.catalogue.appointment import AppointmentBooked
from shared.events.catalogue.case import (
    DecisionMade,
    DecisionNotified,
    DocumentsReceived,
    DocumentsRequested,
)
from shared.events.registry import CATALOGUE, Facts
from shared.events.vocabulary import Direction
from tests.unit.services.controlling.event_log.told import OF_CASES, samples

DECISION = "decision-" + "d" * 26
PERSONS = {"decider", "co_signer", "contact_ref"}
MADE = DecisionMade(
    decision_id=DECISION,
    type_code="AufenthG-18b",
    direction=Direction.ADVERSE,
    unit="unit-2",
    decider="decider-" + "e" * 26,
    co_signer="decider-" + "f" * 26,
    reasons_given=True,
    features={"family": False, "persons": 3, "kind": "a-b"},
    dataref="vis:4711",
)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (
            MADE,
            {
                "decision_id": DECISION,
                "type_code": "AufenthG-18b",
                "direction": "adverse",
                "unit": "unit-2",
                "reasons_given": True,
                "features.family": False,
                "features.persons": 3,
                "features.kind": "a-b",
                "language": "de",
            },
        ),
        (
            DocumentsRequested(items=("passport", "rent"), due=date(2026, 5, 4)),
            {"items": "passport rent", "due": "2026-05-04"},
        ),
        (DocumentsReceived(), {}),
        (
            DecisionNotified(
                decision_id=DECISION,
                notified_on=date(2026, 5, 8),
                contact_ref="contact-" + "c" * 26,
            ),
            {"decision_id": DECISION, "notified_on": "2026-05-08"},
        ),
        (
            AppointmentBooked(
                appointment_id="appointment-" + "a" * 26,
                service_key="card",
                office="town-hall",
                starts=datetime(2026, 5, 4, 8, tzinfo=UTC),
            ),
            {
                "appointment_id": "appointment-" + "a" * 26,
                "service_key": "card",
                "office": "town-hall",
                "starts": datetime(2026, 5, 4, 8, tzinfo=UTC),
                "emergency": False,
                "language": "de",
            },
        ),
    ],
)
def test_fields_are_flat_and_name_nobody(facts: Facts, told: dict[str, object]) -> None:
    assert dict(attributes(facts)) == told


def test_a_field_that_may_hold_a_person_is_left_out_whatever_it_is_called() -> None:
    held = {
        name
        for kind in CATALOGUE.values()
        for name, field in kind.model.model_json_schema()["properties"].items()
        if any(one in json.dumps(field) for one in ("^contact-", "^decider-"))
    }
    assert held == PERSONS


def test_all_else_that_an_event_may_say_is_told() -> None:
    """A field that is added to an event is in the log, and in what comes back from it."""
    for kind in (one.model for one in CATALOGUE.values() if one.model in OF_CASES):
        told = set().union(*(_told(one.data) for one in samples() if type(one.data) is kind))
        assert told == kind.model_fields.keys() - PERSONS - {"dataref"}, kind


def _told(facts: Facts) -> set[str]:
    return {name.partition(".")[0] for name, _ in attributes(facts)}


def test_nothing_that_the_corpus_says_of_a_person_is_told() -> None:
    persons = {
        str(value) for one in samples() for name, value in one.data if name in LEFT_OUT and value
    }
    found = {str(value) for one in samples() for _, value in attributes(one.data)}
    assert persons
    assert persons.isdisjoint(found)


def test_an_activity_is_named_as_in_the_catalogue() -> None:
    assert activity(MADE) == "decision.made"
