from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from services.intake.plausibility import Reach, Span, check
from services.intake.screening import Rules, screen
from shared.events.errors import Defect, EventError
from shared.events.registry import CATALOGUE, Topic
from shared.security.identity import SourceSystem
from tests.listed import KEYS

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SPAN = Span.at(NOW, Reach())
SYSTEM = SourceSystem("permits", ("urn:test",), ("*",), counts=("urn:test",))
RULES = Rules(SYSTEM, NOW, timedelta(minutes=5), Reach(), KEYS)
APPOINTMENT = {
    "appointment_id": "appointment-" + "a" * 26,
    "service_key": "permit",
    "office": "kaiserallee",
}
COUNT = {"unit": "unit-1", "decisions": 3}
BOOKED, COUNTED = "appointment.booked", "decisions.counted"
REQUESTED, HEARD = "documents.requested", "hearing.sent"


def wrong(name: str, data: dict[str, Any]) -> list[str]:
    model = CATALOGUE[f"gleichfall.{name}.v1"].model
    try:
        check(model.model_validate(data), SPAN)
    except EventError as error:
        return [field.field for field in error.fields]
    return []


@pytest.mark.parametrize(
    ("name", "data", "fields"),
    [
        (REQUESTED, {"items": ["passport"], "due": "9999-12-31"}, ["data.due"]),
        (REQUESTED, {"items": ["passport"], "due": "2036-11-30"}, ["data.due"]),
        (REQUESTED, {"items": ["passport"], "due": "2036-11-29"}, []),
        (REQUESTED, {"items": ["passport"], "due": None}, []),
        (REQUESTED, {"items": ["passport"]}, []),
        (HEARD, {"due": "0001-01-01"}, ["data.due"]),
        (HEARD, {"due": "1989-12-31"}, ["data.due"]),
        ("law.changed", {"legal_basis": "§ 5 AufenthG", "valid_from": "2076-11-29"}, []),
        (
            "law.changed",
            {"legal_basis": "§ 5 AufenthG", "valid_from": "2076-11-30"},
            ["data.valid_from"],
        ),
        (BOOKED, APPOINTMENT | {"starts": "9999-12-31T10:00:00+01:00"}, ["data.starts"]),
        (BOOKED, APPOINTMENT | {"starts": "0001-01-01T00:00:00+14:00"}, ["data.starts"]),
        (BOOKED, APPOINTMENT | {"starts": "9999-12-31T23:59:59-12:00"}, ["data.starts"]),
        (
            BOOKED,
            APPOINTMENT
            | {"starts": "2026-12-08T10:00:00+01:00", "ends": "2026-12-08T09:00:00+01:00"},
            ["data.ends"],
        ),
        (
            BOOKED,
            APPOINTMENT
            | {"starts": "2026-12-08T10:00:00+01:00", "ends": "2026-12-08T10:30:00+02:00"},
            ["data.ends"],
        ),
        (
            BOOKED,
            APPOINTMENT
            | {"starts": "2026-12-08T10:00:00+01:00", "ends": "2026-12-08T10:00:00+01:00"},
            ["data.ends"],
        ),
        (
            BOOKED,
            APPOINTMENT
            | {"starts": "2026-12-08T10:00:00+01:00", "ends": "2026-12-08T09:30:00+00:00"},
            [],
        ),
        (COUNTED, COUNT | {"week": "2025-W53"}, ["data.week"]),
        (COUNTED, COUNT | {"week": "2026-W53"}, []),
        (COUNTED, COUNT | {"week": "0000-W01"}, ["data.week"]),
        (COUNTED, COUNT | {"week": "1754-W01"}, ["data.week"]),
    ],
)
def test_a_time_that_cannot_be_is_named_by_its_field(
    name: str, data: dict[str, Any], fields: list[str]
) -> None:
    assert wrong(name, data) == fields


@pytest.mark.parametrize(
    "never_set",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "1753-01-01T00:00:00Z",
        "1900-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "1989-12-31T23:59:59Z",
    ],
)
def test_an_event_happened_after_the_earliest_day(never_set: str) -> None:
    document = {
        "specversion": "1.0",
        "id": "1",
        "source": "urn:test",
        "type": "gleichfall.case.closed.v1",
        "subject": "case-" + "a" * 26,
        "time": never_set,
        "data": {},
    }
    _, (refusal,) = screen([document], RULES)
    assert refusal.defect is Defect.TIME_IMPLAUSIBLE
    assert [field.field for field in refusal.fields] == ["time"]


def test_the_span_is_the_operators() -> None:
    span = Span.at(NOW, Reach(date(2020, 2, 29), facts_ahead=1, plans_ahead=2))
    assert span == Span(date(2020, 2, 29), date(2027, 11, 29), date(2028, 11, 29))
    assert span.fault(date(2028, 1, 1)) is not None
    assert span.fault(date(2028, 1, 1), ahead=True) is None


def test_every_time_of_every_event_from_outside_is_looked_at() -> None:
    """Whatever the model calls it: a day of the year 1 is found in each field that takes one."""
    unset = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    for entry in CATALOGUE.values():
        if entry.topic not in (Topic.CASE_EVENTS, Topic.OFFICE_EVENTS):
            continue
        schema = entry.model.model_json_schema()["properties"]
        for name, field in schema.items():
            kinds = {one.get("format") for one in (field, *field.get("anyOf", ()))}
            if not kinds & {"date", "date-time"}:
                continue
            others = dict.fromkeys(entry.model.model_fields)
            data = entry.model.model_construct(**others | {name: unset})
            with pytest.raises(EventError) as refused:
                check(data, SPAN)
            assert [one.field for one in refused.value.fields] == [f"data.{name}"]
