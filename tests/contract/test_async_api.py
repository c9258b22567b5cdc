"""The AsyncAPI documents are valid and say who sends and receives what."""

import json
from typing import Any

import jsonschema
import pytest
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema

from shared.events.async_api import ROLES, document
from shared.events.registry import CATALOGUE, Topic
from tests.contract import samples

EVERY_SERVICE = pytest.mark.parametrize("service", ROLES)


def resolve(whole: dict[str, Any], reference: dict[str, Any]) -> Any:
    found: Any = whole
    for step in reference["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def references(part: Any) -> list[dict[str, Any]]:
    if isinstance(part, list):
        return [found for one in part for found in references(one)]
    if not isinstance(part, dict):
        return []
    own = [part] if "$ref" in part else []
    return own + references(list(part.values()))


@EVERY_SERVICE
def test_documents_follow_asyncapi_3(service: str) -> None:
    ApplicationSchema.model_validate(document(service))


@EVERY_SERVICE
def test_every_reference_leads_somewhere(service: str) -> None:
    whole = document(service)
    assert all(isinstance(resolve(whole, one), dict) for one in references(whole))


@EVERY_SERVICE
def test_records_of_the_corpus_match_the_documents(service: str) -> None:
    whole = document(service)
    for record in samples.binary():
        headers = {name: (text or b"").decode() for name, text in record.headers}
        message = whole["components"]["messages"].get(headers["ce_type"])
        if message is None:
            continue
        local = {"components": whole["components"]}
        jsonschema.validate(headers, message["headers"] | local)
        jsonschema.validate(record.key.decode(), message["bindings"]["kafka"]["key"])
        jsonschema.validate(json.loads(record.value), message["payload"] | local)


@EVERY_SERVICE
def test_a_receiver_may_dead_letter_what_it_receives_and_nothing_else(service: str) -> None:
    operations = document(service)["operations"]
    buried = {name for name in operations if name.endswith(".dead-letter")}
    assert buried == {f"send-{topic}.dead-letter" for topic in ROLES[service].receives}


@pytest.mark.parametrize("topic", Topic)
def test_each_topic_has_one_writer(topic: Topic) -> None:
    assert len([name for name, role in ROLES.items() if topic in role.sends]) == 1


def test_every_published_type_is_sent_by_its_topics_writer() -> None:
    sent = {
        name
        for service, role in ROLES.items()
        for topic in role.sends
        for name in document(service)["channels"][topic]["messages"]
    }
    published = set(CATALOGUE)
    assert {f"gleichfall.{name}" for name in sent} == published
