"""Keys are looked up; what could be somebody's name or number gets in nowhere."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.intake.keys import Unlisted
from shared.events.errors import Defect, EventError
from shared.events.event import new_event
from shared.events.registry import CATALOGUE
from tests.listed import KEYS, listed, subject_for

DECISION: dict[str, Any] = listed({
    "decision_id": "decision-" + "a" * 26,
    "type_code": "x",
    "legal_basis": "x",
    "direction": "adverse",
    "unit": "x",
    "decider": "decider-" + "a" * 26,
    "remedy_instruction": "x",
    "features": {"x": 1},
    "dataref": "x",
})  # fmt: skip
MADE = "decision.made"
APPOINTMENT = {
    "appointment_id": "appointment-" + "a" * 26,
    "service_key": "residence-work",
    "office": "kaiserallee",
    "starts": "2026-12-08T10:00:00+01:00",
}
OTHERS: dict[str, dict[str, Any]] = {
    MADE: DECISION,
    "appointment.booked": APPOINTMENT,
    "application.received": {"channel": "post", "service_key": "settlement", "unit": "unit-4"},
    "documents.requested": {"items": ["passport", "photo"]},
    "participation.requested": {"body": "bamf"},
    "case.closed": {"reason": "completed"},
    "decision.dispatched": {"decision_id": "decision-" + "a" * 26, "channel": "handed-over"},
    "call.received": {"line": "hotline-115"},
    "law.changed": {
        "legal_basis": "§ 18b AufenthG",
        "valid_from": "2027-01-01",
        "type_codes": ["AufenthG-18b"],
    },
    "organisation.changed": {"version": "2026-1", "valid_from": "2027-01-01"},
}


def looked_up(
    name: str, *, free: bool = False, subject: str | None = None, **changes: Any
) -> tuple[Unlisted, ...] | tuple[Defect, list[str]]:
    """Give what no list has; or why the event is refused, and where."""
    entry = CATALOGUE[f"gleichfall.{name}.v1"]
    facts = entry.model.model_validate(OTHERS[name] | changes)
    about = subject or subject_for(entry.name)
    event = new_event("urn:test", about, facts, time=datetime(2026, 3, 1, tzinfo=UTC))
    try:
        return KEYS.unlisted(event, free=free)
    except EventError as error:
        return error.defect, [field.field for field in error.fields]


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_listed_passes(name: str) -> None:
    assert looked_up(name) == ()


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        (MADE, "unit", "unit-9"),
        (MADE, "unit", "Demirkaya_Aylin_1990-02-01"),
        (MADE, "type_code", "AufenthG-999"),
        (MADE, "remedy_instruction", "fuer-frau-demirkaya"),
        (MADE, "features", {"aylin-demirkaya": True}),
        (MADE, "features", {"renewal": "aylin"}),
        (MADE, "features", {"years-of-stay": 123456789012}),
        (MADE, "features", {"years-of-stay": True}),
        ("appointment.booked", "office", "office-1"),
        ("appointment.booked", "service_key", "aylin"),
        ("application.received", "service_key", "12345678901234"),
        ("documents.requested", "items", ["passport", "aylin"]),
        ("participation.requested", "body", "rechtsanwalt-meier"),
        ("case.closed", "reason", "verstorben-aylin"),
        ("decision.dispatched", "channel", "aylin"),
        ("call.received", "line", "+497211330".strip("+")),
        ("law.changed", "type_codes", ["aylin"]),
    ],
)
def test_a_key_that_no_list_has_is_refused_by_its_field(name: str, field: str, value: Any) -> None:
    found = looked_up(name, **{field: value})
    assert found[0] is Defect.KEY_UNKNOWN
    assert str(found[1][0]).startswith(f"data.{field}")


@pytest.mark.parametrize(
    ("version", "taken"),
    [("2026-1", True), ("3", True), ("1.2.3", True)]
    + [(no, False) for no in ("1990-02-01", "01.02.1990", "123456789012", "aylin", "01711234567")],
)
def test_a_version_is_a_number_and_no_day(version: str, taken: bool) -> None:
    assert (looked_up("organisation.changed", version=version) == ()) == taken


def test_an_office_event_is_about_something_there_is() -> None:
    assert looked_up("call.received", subject="direct") == ()
    assert looked_up("call.received", subject="497211330") == (Defect.KEY_UNKNOWN, ["subject"])


@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dataref", "A/2026/Demirkaya_Aylin.pdf"),
        ("dataref", "01711234567"),
        ("legal_basis", "§ 5 Frau Aylin Demirkaya, geb. 01.02.1990"),
        ("legal_basis", "§ 5 AufenthG Aylin"),
        ("language", "ali"),
        ("language", "de-Alin"),
        ("legal_basis", "Art. 01.02.1990"),
        ("legal_basis", "§ 5 Abs. 1 AufenthG i.V.m. Frau Demirkaya"),
    ],
)
def test_what_could_be_read_as_somebody_gets_in_from_nowhere(
    field: str, value: str, free: bool
) -> None:
    assert looked_up(MADE, free=free, **{field: value}) == (
        Defect.PERSONAL_DATA,
        [f"data.{field}"],
    )


def test_a_source_that_may_brings_keys_of_its_own_and_each_is_noted() -> None:
    found = looked_up(
        MADE, free=True, unit="traffic-police", features={"vehicle_class": "A", "points": 2}
    )
    assert found == (
        Unlisted("data.unit", "traffic-police"),
        Unlisted("data.features", "vehicle_class"),
        Unlisted("data.features", "A"),
        Unlisted("data.features", "points"),
    )
    assert Unlisted("data.unit", "x").reason == "is no unit of the organisation file"


@pytest.mark.parametrize(
    ("one", "listed_by_now"),
    [
        (Unlisted("data.unit", "unit-1"), True),
        (Unlisted("data.unit", "unit-9"), False),
        (Unlisted("data.items", "passport"), True),
        (Unlisted("data.features", "renewal"), True),
        (Unlisted("data.features", "study"), True),
        (Unlisted("data.features", "vehicle_class"), False),
        (Unlisted("subject", "direct"), True),
    ],
)
def test_a_key_may_be_listed_later(one: Unlisted, listed_by_now: bool) -> None:
    assert KEYS.lists(one) is listed_by_now


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("unit", "Demirkaya_Aylin_1990-02-01"),
        ("unit", "Demirkaya"),
        ("unit", "demirkaya-1990-02-01"),
        ("unit", "azr-123456789012"),
        ("features", {"azr": 123456789012}),
        ("features", {"azr": -10_000}),
        ("features", {"name": "Demirkaya"}),
    ],
)
def test_keys_of_its_own_look_like_no_name_and_no_number_of_somebody(
    field: str, value: Any
) -> None:
    found = looked_up(MADE, free=True, **{field: value})
    assert found[0] in {Defect.KEY_UNKNOWN, Defect.PERSONAL_DATA}
