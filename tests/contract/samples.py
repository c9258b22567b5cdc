"""The golden corpus as tests read it."""

import json
from dataclasses import dataclass
from typing import Any

from shared.events import json_format
from shared.events.contracts import FOLDER
from shared.events.event import Event, decode
from shared.events.kafka_binding import from_kafka

CORPUS = FOLDER / "corpus"


@dataclass(frozen=True, slots=True)
class Record:
    """One released Kafka record in binary mode."""

    key: bytes
    headers: list[tuple[str, bytes | None]]
    value: bytes


def structured() -> list[Any]:
    """Give every released event in the JSON format, parsed."""
    files = sorted((CORPUS / "structured").iterdir())
    return [sample for file in files for sample in json.loads(file.read_text())]


def binary() -> list[Record]:
    """Give every released Kafka record."""
    files = sorted((CORPUS / "binary").iterdir())
    return [
        Record(
            key=sample["key"].encode(),
            headers=[(name, text.encode()) for name, text in sample["headers"].items()],
            value=sample["value"].encode(),
        )
        for file in files
        for sample in json.loads(file.read_text())
    ]


def events() -> list[Event]:
    """Give every released event, whatever its mode."""
    documents = [json_format.from_document(sample) for sample in structured()]
    records = [from_kafka(sample.headers, sample.value) for sample in binary()]
    return [decode(envelope, unknown="forbid") for envelope in documents + records]
