"""The rules of the door that need no memory."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.intake.plausibility import Reach
from services.intake.screening import Rules, screen
from shared.events.catalogue.case import EventDiscarded
from shared.events.errors import Defect, FieldError
from shared.events.registry import CATALOGUE, Topic
from shared.security.identity import SourceSystem
from tests.contract.samples import structured
from tests.listed import KEYS, listed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SYSTEM = SourceSystem("permits", ("urn:test", "urn:more:*"), ("*",), unlisted=("*",))
RULES = Rules(SYSTEM, NOW, timedelta(minutes=5), Reach(), KEYS)
SAMPLES = {sample["type"].split(".", 1)[1].rpartition(".")[0]: sample for sample in structured()}
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
OTHER_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def closed(**changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "1",
        "source": "urn:test",
        "type": "gleichfall.case.closed.v1",
        "subject": "case-" + "a" * 26,
        "time": "2026-03-01T12:00:00Z",
        "data": {},
    } | changes


def defects(*documents: object) -> list[Defect]:
    _, refusals = screen(documents, RULES)
    return [refusal.defect for refusal in refusals]


def test_good_events_pass_in_their_order_and_keep_their_place() -> None:
    candidates, refusals = screen([closed(id="7"), closed(id=""), closed(id="9")], RULES)
    assert [(one.place, one.event.id) for one in candidates] == [(0, "7"), (2, "9")]
    assert [refusal.place for refusal in refusals] == [1]


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE)
def test_only_facts_of_cases_and_offices_come_from_outside(entry: Any) -> None:
    ours = (
        entry.topic not in (Topic.CASE_EVENTS, Topic.OFFICE_EVENTS) or entry.model is EventDiscarded
    )
    assert (Defect.TYPE_NOT_ACCEPTED in defects(closed(type=entry.name))) == ours


@pytest.mark.parametrize(
    ("ahead", "found"),
    [
        (timedelta(minutes=5), []),
        (timedelta(minutes=5, microseconds=1), [Defect.TIME_IN_FUTURE]),
    ],
    ids=str,
)
def test_a_clock_may_be_ahead_by_the_tolerance_and_no_more(
    ahead: timedelta, found: list[Defect]
) -> None:
    assert defects(closed(time=(NOW + ahead).isoformat())) == found


@pytest.mark.parametrize("source", ["urn:test:1", "urn:mor", "URN:TEST", "urn:other"])
def test_a_system_speaks_for_its_sources_only(source: str) -> None:
    assert defects(closed(source=source)) == [Defect.SOURCE_FORBIDDEN]


def test_a_foreign_source_learns_nothing_else_about_its_event() -> None:
    assert defects(closed(source="urn:other", type="no.such.type")) == [Defect.SOURCE_FORBIDDEN]


@pytest.mark.parametrize(
    ("length", "found"), [(256, []), (257, [Defect.ATTRIBUTE_INVALID])], ids=str
)
def test_a_source_has_an_end(length: int, found: list[Defect]) -> None:
    assert defects(closed(source="urn:more:".ljust(length, "x"))) == found


@pytest.mark.parametrize(
    ("id_", "found"),
    [
        ("018f9c7e-7b1a-7c3e-9d4f-1a2b3c4d5e6f", []),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV", []),
        ("1234567", []),
        ("decision-" + "a" * 26, []),
        ("f" * 64, []),
        ("12345678", [Defect.PERSONAL_DATA]),
        ("123456789012", [Defect.PERSONAL_DATA]),
        ("1990-02-01", [Defect.PERSONAL_DATA]),
        ("Aylin Demirkaya, geb. 01.02.1990", [Defect.PERSONAL_DATA]),
        ("demirkaya-" + "a" * 26, [Defect.PERSONAL_DATA]),
        ("aylin", [Defect.PERSONAL_DATA]),
        ("a" * 257, [Defect.ATTRIBUTE_INVALID]),
    ],
)
def test_an_id_is_a_reference_from_which_nobody_is_read(id_: str, found: list[Defect]) -> None:
    assert defects(closed(id=id_)) == found


@pytest.mark.parametrize(
    ("document", "id_"),
    [(closed(id="x" * 300), None), (closed(id=7, data=1), None), (closed(id="7", data=1), "7")],
)
def test_a_refusal_repeats_the_id_when_it_is_one(document: object, id_: str | None) -> None:
    _, (refusal,) = screen([document], RULES)
    assert refusal.id == id_


def test_an_event_without_a_trace_continues_that_of_its_request() -> None:
    traced = closed(traceparent=OTHER_TRACE)
    candidates, _ = screen([closed(), traced], RULES, TRACE)
    assert [one.event.traceparent for one in candidates] == [TRACE, OTHER_TRACE]


def test_base64_data_means_the_same_as_plain_data() -> None:
    encoded = closed(data_base64="eyB9")
    del encoded["data"]
    candidates, _ = screen([closed(), encoded], RULES)
    assert len({candidate.fingerprint for candidate in candidates}) == 1


def test_what_holds_much_too_much_is_refused_by_its_extent_alone() -> None:
    many = {f"x{number}": 1 for number in range(1_000)}
    _, refusals = screen([closed(data=many), closed(**many)], RULES)
    assert [(one.defect, one.fields) for one in refusals] == [
        (Defect.DATA_INVALID, (FieldError("data", "holds more than 300 values"),)),
        (Defect.ATTRIBUTE_INVALID, (FieldError("event", "has more than 50 attributes"),)),
    ]


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE)
def test_every_event_of_the_catalogue_has_room(entry: Any) -> None:
    """The longest list of each field, and every field: far below what is too much."""
    schema = entry.model.model_json_schema()
    longest = [_most(field) for field in schema.get("properties", {}).values()]
    assert sum(longest) < 300


def _most(field: dict[str, Any]) -> int:
    return int(field.get("maxItems", field.get("maxProperties", 1)))


AGE = timedelta(days=90)


def decided(ago: timedelta, source: str = "urn:test", **facts: object) -> dict[str, Any]:
    data = listed(SAMPLES["decision.made"]["data"]) | {"late_reason": None} | facts
    time = (NOW - ago).isoformat()
    return closed(type="gleichfall.decision.made.v1", source=source, time=time, data=data)


@pytest.mark.parametrize(
    ("document", "overdue"),
    [
        (decided(AGE), False),
        (decided(AGE + timedelta(seconds=1)), True),
        (decided(AGE * 9, late_reason="history"), False),
        (decided(AGE * 9, source="urn:more:log"), False),
        (closed(time=(NOW - AGE * 9).isoformat()), False),
    ],
    ids=["just young enough", "old", "with a reason", "of a log", "no decision"],
)
def test_an_old_decision_should_say_why_it_is_told_now(
    document: dict[str, Any], overdue: bool
) -> None:
    system = replace(SYSTEM, history=("urn:more:*",))
    [candidate], _ = screen([document], replace(RULES, system=system))
    assert candidate.overdue == overdue


def test_the_age_is_what_the_operator_sets() -> None:
    rules = replace(RULES, reach=Reach(decisions_behind=timedelta(days=2)))
    [candidate], _ = screen([decided(timedelta(days=3))], rules)
    assert candidate.overdue
