"""The cases of the CloudEvents conformance suite: how events come in."""

import json
from collections.abc import Callable

from shared.events import json_format
from shared.events.envelope import to_attributes
from shared.events.kafka_binding import from_kafka
from tests.cases.case import Case


def _record(case: Case) -> bool:
    payload = case.input["payload"]
    value = payload if isinstance(payload, str) else json.dumps(payload)
    headers = [(name, text.encode()) for name, text in case.input["headers"].items()]
    event = from_kafka(headers, value.encode())
    # Both spellings of UTC are RFC 3339.
    read = {name: text.replace("+00:00", "Z") for name, text in to_attributes(event).items()}
    return bool(
        read == case.expected["attributes"]
        and json.loads(event.data or b"") == case.expected["data"]
    )


def _minimal(case: Case) -> bool:
    event = json_format.from_document(case.input)
    kept: bool = json.loads(json_format.to_document(event)) == case.input
    return kept is case.expected["valid"]


CHECKS: dict[str, Callable[[Case], bool]] = {
    "cloudevents.kafka": _record,
    "cloudevents.minimum": _minimal,
}
