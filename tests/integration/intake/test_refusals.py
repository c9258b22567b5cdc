"""What is wrong is refused with its field, and harms only itself."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.figures import scraped
from tests.integration.intake.door import (
    BATCH,
    OURS,
    STRUCTURED,
    THEIRS,
    TOKEN,
    Service,
    changed,
    decision,
    send,
    send_batch,
    statuses,
)
from tests.runbooks import Follow, console

pytestmark = pytest.mark.stack

CONTENT_TYPE = "datacontenttype"
FUTURE = (datetime.now(UTC) + timedelta(days=1)).isoformat()
BAD_EVENTS = {
    "no id": ({"id": None}, 400, "attribute_missing", "id"),
    "an empty id": ({"id": ""}, 400, "attribute_missing", "id"),
    "a number as id": ({"id": 1.5}, 400, "attribute_invalid", "id"),
    "a NUL in the id": ({"id": "a\0b"}, 400, "attribute_invalid", "id"),
    "an endless id": ({"id": "a" * 5_000}, 400, "attribute_invalid", "id"),
    "an endless source": (
        {"source": "urn:test:more:" + "a" * 5_000},
        400,
        "attribute_invalid",
        "source",
    ),
    "another version": ({"specversion": "0.3"}, 400, "attribute_invalid", "specversion"),
    "no time": ({"time": None}, 400, "attribute_missing", "time"),
    "a time without offset": ({"time": "2026-10-01T10:00:00"}, 400, "attribute_invalid", "time"),
    "a time before time": ({"time": "0001-01-01T00:00:00+14:00"}, 422, "time_implausible", "time"),
    "a time that nobody set": ({"time": "0001-01-01T00:00:00Z"}, 422, "time_implausible", "time"),
    "a clock far ahead": ({"time": FUTURE}, 422, "time_in_future", "time"),
    "an unknown type": ({"type": "gleichfall.decision.guessed.v1"}, 422, "type_unknown", "type"),
    "a fact of our own": (
        {"type": "gleichfall.decision.drawn.v1"},
        422,
        "type_not_accepted",
        "type",
    ),
    "no subject": ({"subject": None}, 422, "personal_data", "subject"),
    "a name as subject": ({"subject": "Erika Mustermann"}, 422, "personal_data", "subject"),
    "a name as decider": ({"data__decider": "Erika"}, 422, "personal_data", "data.decider"),
    "a sentence as code": ({"data__unit": "Frau M. im 2. OG"}, 422, "data_invalid", "data.unit"),
    "a name as unit": ({"data__unit": "Erika_1990-02-01"}, 422, "key_unknown", "data.unit"),
    "a name as id": ({"id": "Erika Mustermann, geb. 01.02.1990"}, 422, "personal_data", "id"),
    "a name beside a norm": (
        {"data__legal_basis": "§ 5 Frau Erika M."},
        422,
        "personal_data",
        "data.legal_basis",
    ),
    "a missing field": ({"data__unit": None}, 422, "data_invalid", "data.unit"),
    "an unknown field": ({"data__name": "Erika"}, 422, "data_invalid", "data.(withheld)"),
    "a number as text": ({"data__reasons_given": "yes"}, 422, "data_invalid", "data.reasons_given"),
    "no data": ({"data": None}, 400, "body_empty", "data"),
    "a list as data": ({"data": [1]}, 422, "data_invalid", "data"),
    "text as data": (
        {"datacontenttype": "text/plain"},
        400,
        "attribute_invalid",
        "datacontenttype",
    ),
    "a foreign source": ({"source": THEIRS}, 403, "source_forbidden", "source"),
}


@pytest.mark.parametrize(
    ("change", "status", "defect", "name"), BAD_EVENTS.values(), ids=BAD_EVENTS
)
async def test_a_bad_event_is_refused_with_its_field_and_harms_only_itself(
    client: httpx.AsyncClient, change: dict[str, Any], status: int, defect: str, name: str
) -> None:
    bad = changed(decision(), **change)
    alone = await send(client, bad)
    among_others = await send_batch(client, [decision(), bad, decision()])
    assert alone.status_code == status
    assert among_others.status_code == 202
    assert statuses(among_others) == [(1, "accepted"), (1, "accepted")]
    for answer, index in ((alone, 0), (among_others, 1)):
        (error,) = answer.json()["errors"]
        assert (error["index"], error["defect"]) == (index, defect)
        assert name in [wrong["field"] for wrong in error["fields"]]
        assert "Erika" not in answer.text


@pytest.mark.parametrize("document", [None, 1, "text", [], [[]]], ids=str)
async def test_what_is_no_event_in_a_batch_harms_only_itself(
    client: httpx.AsyncClient, document: object
) -> None:
    answer = await send_batch(client, [document, decision()])
    assert statuses(answer) == [(1, "accepted")]
    assert answer.json()["errors"][0]["index"] == 0


async def test_a_batch_without_a_good_event_is_a_problem_of_all_of_them(
    client: httpx.AsyncClient,
) -> None:
    events = [changed(decision(), id=None), changed(decision(), type="unknown")]
    answer = await send_batch(client, events)
    assert answer.status_code == 422
    assert [error["index"] for error in answer.json()["errors"]] == [0, 1]


BAD_REQUESTS = {
    "nothing at all": ({}, b"", 415),
    "plain JSON": ({"content-type": "application/json"}, b"{}", 415),
    "an unknown format": ({"content-type": "application/cloudevents+avro"}, b"{}", 415),
    "another charset": ({"content-type": f"{STRUCTURED}; charset=latin-1"}, b"{}", 415),
    "a compressed body": ({"content-type": BATCH, "content-encoding": "gzip"}, b"[]", 415),
    "an empty body": ({"content-type": STRUCTURED}, b"", 400),
    "half a body": ({"content-type": BATCH}, b"[{", 400),
    "an object as batch": ({"content-type": BATCH}, b"{}", 400),
    "an array as event": ({"content-type": STRUCTURED}, b"[]", 400),
    "a deep body": ({"content-type": BATCH}, b"[" * 100_000, 400),
    "NaN": ({"content-type": BATCH}, b"[NaN]", 400),
    "no UTF-8": ({"content-type": BATCH}, b'["\xff"]', 400),
    "half a surrogate": ({"content-type": BATCH}, b'["\\ud800"]', 400),
    "a number beyond numbers": ({"content-type": BATCH}, b"[" + b"9" * 10_000 + b"]", 400),
    "a header that is no UTF-8": ({"ce-id": "%ff", "ce-source": OURS}, b"{}", 400),
    "a body over the limit": ({"content-type": BATCH}, b" " * 4_000_001, 413),
    "too many events": ({"content-type": BATCH}, b"[" + b"1," * 1_000 + b"1]", 413),
}


@pytest.mark.parametrize(("headers", "body", "status"), BAD_REQUESTS.values(), ids=BAD_REQUESTS)
async def test_a_broken_request_is_a_problem_and_never_a_failure(
    client: httpx.AsyncClient, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = await client.post("/v1/events", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_that_hides_its_length_is_limited_too(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b" " * 1_000_000

    answer = await client.post("/v1/events", content=endless(), headers={"content-type": BATCH})
    assert answer.status_code == 413


@pytest.mark.parametrize("token", [None, "guessed", TOKEN[:-1], TOKEN + "s"])
async def test_without_a_known_token_nothing_is_answered(
    intake: Service, token: str | None
) -> None:
    async with intake.client(token) as client:
        for answer in (
            await send(client, decision()),
            await client.get("/v1/events/1", params={"source": OURS}),
            await client.post("/v1/contacts", json=[]),
        ):
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"data__unit": "Erika_1990-02-01"}, 422),
        ({"data__unit": "unit-2"}, 409),  # under an id that means something else already
    ],
)
async def test_events_that_are_refused_are_told(
    intake: Service,
    environment: dict[str, str],
    follow: Follow,
    wrong: dict[str, str],
    status: int,
) -> None:
    figures = scraped({"intake": intake.figures})
    runbook = await follow("EventsRefused", console(environment), figures)
    event = decision()
    async with intake.client() as client:
        assert (await send(client, event)).status_code == 202
        assert (await send(client, changed(event, **wrong))).status_code == status
    await runbook.look()
    await runbook.prove()
