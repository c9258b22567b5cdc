"""Reading OCEL 2.0."""

import json
from io import BytesIO
from typing import Any

import pytest

from services.intake.importers.errors import LogBroken
from services.intake.importers.logs.log_event import LogEvent
from services.intake.importers.logs.ocel import UNREADABLE, read_ocel

RECEIVED: dict[str, Any] = {
    "id": "e1",
    "type": "received",
    "time": "2026-05-04T08:00:00Z",
    "attributes": [{"name": "channel", "value": "post"}, {"name": "due", "value": None}],
    "relationships": [
        {"objectId": "P1", "qualifier": "case"},
        {"objectId": "unit:u-1", "qualifier": "unit"},
        {"objectId": "i1", "qualifier": "item"},
        {"objectId": "i2", "qualifier": "item"},
    ],
}
CALLED: dict[str, Any] = {"id": "e2", "type": "called", "time": "2026-05-04T09:00:00Z"}


def document(*events: object, **others: object) -> dict[str, object]:
    return {"events": list(events), "objects": [{"id": "P1", "type": "case"}], **others}


def read(whole: object) -> list[LogEvent]:
    return list(read_ocel(BytesIO(json.dumps(whole).encode())))


def test_an_event_is_read_with_its_values_and_what_it_is_related_to() -> None:
    first, second = read(document(RECEIVED, CALLED))
    assert first.values == {
        "concept:name": "received",
        "time:timestamp": "2026-05-04T08:00:00Z",
        "channel": "post",
        "case:concept:name": "P1",
        "unit": "u-1",
        "item": "i1 i2",
    }
    assert second.values == {"concept:name": "called", "time:timestamp": "2026-05-04T09:00:00Z"}


def test_what_the_file_says_before_its_events_is_said_of_all_cases() -> None:
    assert read({"catalogue": "x.v1"} | document(CALLED))[0].values["case:catalogue"] == "x.v1"


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (3, "3"), (1.50, "1.5"), ("§ 5", "§ 5"), ("", "")]
)
def test_a_value_is_a_text_whether_or_not_it_was_written_as_one(value: object, text: str) -> None:
    event = CALLED | {"attributes": [{"name": "x", "value": value}]}
    assert read(document(event))[0].values["x"] == text


def test_events_may_stand_behind_the_things_and_types_that_they_name() -> None:
    whole = {"eventTypes": [{"name": "called", "attributes": []}], "objectTypes": []}
    assert len(read(whole | {"objects": [{"id": "P1"}]} | {"events": [CALLED, CALLED]})) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        7,
        [],
        None,
        {"type": "called"},
        CALLED | {"time": None},
        CALLED | {"attributes": 7},
        CALLED | {"attributes": [{"name": "x"}]},
        CALLED | {"attributes": [{"name": None, "value": "x"}]},
        CALLED | {"attributes": [{"name": "x", "value": {}}]},
        CALLED | {"attributes": [{"name": "x", "value": "half a \ud800"}]},
        CALLED | {"relationships": [{"objectId": "P1"}]},
        CALLED | {"relationships": [{"objectId": None, "qualifier": "case"}]},
    ],
)
def test_an_event_that_isnt_like_one_is_given_with_its_defect(wrong: object) -> None:
    assert read(document(wrong, CALLED))[0] == LogEvent({}, UNREADABLE)
    assert read(document(wrong, CALLED))[1].defect is None


@pytest.mark.parametrize("whole", [{}, {"ocel:events": {}}, {"name": "x", "objects": []}])
def test_json_that_is_no_log_is_not_an_empty_log(whole: object) -> None:
    with pytest.raises(LogBroken, match="no OCEL"):
        read(whole)


def test_no_event_is_a_log_too() -> None:
    assert read({"events": [], "objects": [], "eventTypes": [], "objectTypes": []}) == []


def test_broken_json_gives_what_stands_before_the_damage() -> None:
    text = json.dumps(document(CALLED, RECEIVED))
    events = read_ocel(BytesIO(text[: text.index("unit:u-1")].encode()))
    assert next(events).values["concept:name"] == "called"
    with pytest.raises(LogBroken, match="JSON is broken"):
        next(events)
