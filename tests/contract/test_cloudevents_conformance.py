"""The cases of the CloudEvents conformance suite that stand in ../shared."""

import json
from typing import Any

import pytest

from shared.events import json_format
from shared.events.envelope import to_attributes
from shared.events.kafka_binding import from_kafka
from tests.knowledge import KNOWLEDGE, needs_knowledge

pytestmark = needs_knowledge


def cases(area: str) -> list[Any]:
    if KNOWLEDGE is None:
        return []
    lines = (KNOWLEDGE / "cases" / "notify.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines if f'"{area}"' in line]
    return [pytest.param(case["input"], case["expected"], id=case["id"]) for case in found]


@pytest.mark.parametrize(("given", "expected"), cases("cloudevents.kafka"))
def test_kafka_records_are_read_as_the_suite_demands(given: Any, expected: Any) -> None:
    payload = given["payload"]
    value = payload if isinstance(payload, str) else json.dumps(payload)
    headers = [(name, text.encode()) for name, text in given["headers"].items()]

    event = from_kafka(headers, value.encode())

    read = {name: _as_written(name, text) for name, text in to_attributes(event).items()}
    assert read == expected["attributes"]
    assert json.loads(event.data or b"") == expected["data"]


@pytest.mark.parametrize(("given", "expected"), cases("cloudevents.minimum"))
def test_minimal_events_are_accepted(given: Any, expected: Any) -> None:
    event = json_format.from_document(given)
    assert expected == {"valid": True}
    assert json.loads(json_format.to_document(event)) == given


def _as_written(name: str, text: str) -> str:
    """Both spellings of UTC are RFC 3339."""
    return text.replace("+00:00", "Z") if name == "time" else text
