"""Events with what they are about, as OCEL 2.0."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from services.controlling.event_log.attributes import CATALOGUE, attributes
from services.controlling.event_log.ocel import Item, Ocel
from services.controlling.service_figures.fact import PARTS
from services.intake.importers.logs.log_event import LogEvent
from services.intake.importers.logs.ocel import read_ocel
from services.intake.importers.logs.xes import read_xes
from services.intake.importers.mapping.mapping_files import SHIPPED, load_mapping
from services.intake.importers.translation.translation import Ignored, Refused, Translator
from shared.events.catalogue.appointment import AppointmentBooked, AppointmentCapacityPublished
from shared.events.catalogue.case import (
    ApplicationReceived,
    DecisionMade,
    DocumentsRequested,
    HearingAnswered,
)
from shared.events.catalogue.office import CallAnswered
from shared.events.event import Event
from shared.events.registry import Facts, SubjectKind
from shared.events.vocabulary import Direction, IntakeChannel
from shared.security.pseudonyms import Pseudonymiser
from tests import other_readers
from tests.contract.samples import events
from tests.unit.services.controlling.event_log.ocel_schema import read_all
from tests.unit.services.controlling.event_log.test_xes import all_samples
from tests.unit.services.controlling.event_log.told import OF_CASES, samples

CASE = "case-" + "a" * 26
DECISION = "decision-" + "d" * 26
APPOINTMENT = "appointment-" + "b" * 26
AT = datetime(2026, 5, 4, 8, tzinfo=UTC)


def written(ocel: Ocel, data: Facts, subject: str = CASE, number: int = 3) -> dict[str, Any]:
    event = Event("", "urn:x", subject, AT, data, number)
    document: dict[str, Any] = json.loads(ocel.event(event))
    return document


def whole(ocel: Ocel, *events: Event) -> dict[str, Any]:
    """A file in which events stand, and what they name."""
    told = [json.loads(ocel.event(one)) for one in events]
    named = {one["objectId"] for event in told for one in event["relationships"]}
    kinds, types = map(json.loads, ocel.types())
    return {
        "catalogue": CATALOGUE,
        "events": told,
        "objects": [json.loads(ocel.item(Item(one, "case", ()))) for one in named],
        "eventTypes": kinds,
        "objectTypes": types,
    }


def roles(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["objectId"], one["qualifier"]) for one in document["relationships"]]


def values(document: dict[str, Any]) -> dict[str, object]:
    return {one["name"]: one["value"] for one in document["attributes"]}


def made(**features: bool | int | str) -> DecisionMade:
    return DecisionMade(
        decision_id=DECISION,
        type_code="t",
        direction=Direction.ADVERSE,
        unit="unit-2",
        decider="decider-" + "e" * 26,
        features=features,
    )


def test_an_event_names_its_case_and_what_else_it_is_about() -> None:
    found = written(Ocel(), made(family=True))
    assert found["id"] == f"{CASE}/3"
    assert found["type"] == "decision.made"
    assert datetime.fromisoformat(found["time"]) == AT
    assert roles(found) == [
        (CASE, "case"),
        (DECISION, "decision_id"),
        ("unit:unit-2", "unit"),
    ]
    assert values(found) == {
        "type_code": "t",
        "direction": "adverse",
        "features.family": "true",
        "language": "de",
    }


def test_an_appointment_stands_between_case_office_and_service() -> None:
    booked = AppointmentBooked(
        appointment_id=APPOINTMENT, service_key="card", office="town-hall", starts=AT
    )
    assert roles(written(Ocel(), booked)) == [
        (CASE, "case"),
        (APPOINTMENT, "appointment_id"),
        ("office:town-hall", "office"),
        ("service_key:card", "service_key"),
    ]


def test_what_happens_in_an_office_is_in_no_case() -> None:
    ocel = Ocel()
    capacity = AppointmentCapacityPublished(
        office="town-hall", service_key="card", day=date(2026, 5, 4), slots=3
    )
    assert roles(written(ocel, capacity, "town-hall")) == [
        ("office:town-hall", "office"),
        ("service_key:card", "service_key"),
    ]
    call = CallAnswered(line="115", waited_seconds=3)
    assert roles(written(ocel, call, "town-hall")) == [
        ("office:town-hall", "office"),
        ("line:115", "line"),
    ]
    assert roles(written(ocel, call, "115")) == [("line:115", "line")]


def test_places_are_declared_once_and_two_kinds_with_one_key_are_two_things() -> None:
    ocel = Ocel()
    received = ApplicationReceived(channel=IntakeChannel.POST, service_key="a", unit="a")
    for _ in range(2):
        written(ocel, received)
    assert [json.loads(one)["id"] for one in ocel.places()] == ["service_key:a", "unit:a"]


def test_types_are_declared_as_they_were_seen_and_a_text_where_they_differ() -> None:
    ocel = Ocel()
    written(ocel, made(persons=3, family=True, kind=7))
    written(ocel, made(persons=4, kind="x"))
    written(ocel, HearingAnswered())
    written(ocel, DocumentsRequested(items=("passport", "rent"), due=date(2026, 6, 1)))
    events, things = map(json.loads, ocel.types())
    assert {
        kind["name"]: {one["name"]: one["type"] for one in kind["attributes"]} for kind in events
    } == {
        "decision.made": {
            "direction": "string",
            "features.family": "boolean",
            "features.kind": "string",
            "features.persons": "integer",
            "language": "string",
            "type_code": "string",
        },
        "documents.requested": {"due": "string", "items": "string"},
        "hearing.answered": {},
    }
    assert [one["name"] for one in things] == [
        *("appointment", "case", "decision", "line", "office", "service", "submission", "unit"),
    ]


def test_all_that_the_catalogue_has_fits_the_schema_of_the_standard_and_reads_as_declared() -> None:
    given = [one._replace(subject=f"case-{place}") for place, one in enumerate(samples())]
    found = read_all(whole(Ocel(), *given))
    for one in given:
        told, said = found[f"{one.subject}/1"], dict(attributes(one.data))
        assert told == {name: said[name] for name in told}


@pytest.mark.parametrize("reader", other_readers.OCEL)
def test_other_programs_read_each_value_of_each_event(reader: str, tmp_path: Path) -> None:
    given = [one._replace(subject=f"case-{place}") for place, one in enumerate(samples())]
    path = tmp_path / "log.json"
    path.write_text(json.dumps(whole(Ocel(), *given)), encoding="utf-8")
    assert other_readers.OCEL[reader](path) == other_readers.in_ocel(given)


def test_every_event_comes_back_through_our_own_importer_as_it_does_from_xes() -> None:
    given = [one._replace(subject=f"case-{place}") for place, one in enumerate(samples())]
    document = json.dumps(whole(Ocel(), *given)).encode()
    assert imported(read_ocel(BytesIO(document))) == imported(read_xes(BytesIO(all_samples())))


def test_an_event_of_an_office_is_left_out_by_the_importer_and_said_to_be() -> None:
    offices = [
        one
        for one in events()
        if type(one.data) in PARTS and one.type.subject is SubjectKind.OFFICE
    ]
    document = json.dumps(whole(Ocel(), *offices)).encode()
    found = imported(read_ocel(BytesIO(document)))
    assert {type(one.data) for one in offices} == set(PARTS) - OF_CASES
    assert found == [Ignored("it is of an office, in no case")] * len(offices)


def imported(log: Iterator[LogEvent]) -> list[Event | Ignored | Refused]:
    translator = Translator(load_mapping(SHIPPED / "gleichfall.yaml"), Pseudonymiser(bytes(32)))
    return [translator.translate(one).outcome for one in log]


def test_what_is_a_number_here_and_a_text_there_reads_as_a_text() -> None:
    told = [made(kind=7), made(kind=True), made(kind="x")]
    events = [Event("", "urn:x", CASE, AT, one, number) for number, one in enumerate(told)]
    found = read_all(whole(Ocel(), *events))
    kinds = [found[f"{CASE}/{number}"]["features.kind"] for number in range(3)]
    assert kinds == ["7", "true", "x"]


def test_a_thing_belongs_to_each_case_that_names_it() -> None:
    found = json.loads(Ocel().item(Item(DECISION, "decision", [CASE, "case-b"])))
    assert (found["id"], found["type"]) == (DECISION, "decision")
    assert roles(found) == [(CASE, "of"), ("case-b", "of")]
