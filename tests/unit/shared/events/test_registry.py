import json
import re

import pytest
from pydantic import ValidationError

from shared.events import event  # noqa: F401 - fills the catalogue
from shared.events.catalogue.appointment import AppointmentBooked
from shared.events.registry import CATALOGUE, EventType, Facts, SubjectKind, Topic, fact

EVERY_TYPE = pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE)


@EVERY_TYPE
def test_names_say_whose_fact_it_is_and_in_which_version(entry: EventType) -> None:
    assert re.fullmatch(r"gleichfall\.[a-z_]+\.[a-z_]+\.v1", entry.name)
    assert entry.model.event_type == entry.name


@EVERY_TYPE
def test_case_and_notification_events_are_keyed_by_case(entry: EventType) -> None:
    keyed_by_case = entry.topic in (Topic.CASE_EVENTS, Topic.NOTIFICATION_EVENTS)
    assert keyed_by_case == (entry.subject is SubjectKind.CASE)


@EVERY_TYPE
def test_facts_cannot_be_changed(entry: EventType) -> None:
    assert entry.model.model_config["frozen"]
    assert entry.model.model_config["extra"] == "forbid"


def test_a_type_is_entered_once() -> None:
    with pytest.raises(TypeError, match=r"decision\.made\.v1 is in the catalogue already"):

        @fact("decision.made", topic=Topic.CASE_EVENTS, subject=SubjectKind.CASE)
        class Again(Facts):
            """Not a new fact."""


def test_catalogue_cannot_be_changed_from_outside() -> None:
    with pytest.raises(TypeError):
        CATALOGUE["x"] = CATALOGUE["gleichfall.case.closed.v1"]  # type: ignore[index] # that is the point


@pytest.mark.parametrize("written", ["0", "1767225600", "1.5", "-5"])
def test_a_number_in_quotation_marks_is_no_point_in_time(written: str) -> None:
    facts = {"appointment_id": "appointment-" + "a" * 26, "service_key": "s", "office": "o"}

    with pytest.raises(ValidationError, match="as RFC 3339 writes it"):
        AppointmentBooked.model_validate_json(json.dumps(facts | {"starts": written}))


@pytest.mark.parametrize("written", ["2026-12-15T09:00:00", "15.12.2026 09:00"])
@pytest.mark.parametrize("strict", [True, False])
def test_a_point_in_time_without_its_offset_hears_that_it_lacks_one(
    written: str, *, strict: bool
) -> None:
    facts = {"appointment_id": "appointment-" + "a" * 26, "service_key": "s", "office": "o"}

    with pytest.raises(ValidationError, match="with an offset from UTC"):
        AppointmentBooked.model_validate_json(
            json.dumps(facts | {"starts": written}), strict=strict
        )
