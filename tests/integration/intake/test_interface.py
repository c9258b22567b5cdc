"""What intake serves as its description is true of what it answers."""

from typing import Any

import httpx
import jsonschema
import pytest

from shared.security.pseudonyms import PseudonymKind
from tests.integration.intake.door import (
    OURS,
    Service,
    changed,
    decision,
    pseudonym,
    send,
    send_batch,
)

pytestmark = pytest.mark.stack


@pytest.fixture
async def described(intake: Service) -> dict[str, Any]:
    """The document, as a stranger gets it."""
    async with intake.client(None) as stranger:
        served = await stranger.get("/openapi.json")
    assert served.headers["content-type"] == "application/json"
    document: dict[str, Any] = served.json()
    return document


def check(answer: httpx.Response, path: str, described: dict[str, Any]) -> None:
    """Hold an answer against what is described for its address and status."""
    operation = described["paths"][path][answer.request.method.lower()]
    told = operation["responses"][str(answer.status_code)]
    if "$ref" in told:
        told = described["components"]["responses"][told["$ref"].rpartition("/")[2]]
    if answer.status_code == 204:
        assert answer.content == b""
        return
    kind = answer.headers["content-type"].partition(";")[0]
    schema = told["content"][kind]["schema"]
    jsonschema.validate(answer.json(), schema | {"components": described["components"]})


async def test_the_address_alone_leads_to_it(intake: Service) -> None:
    async with intake.client(None) as stranger:
        told = (await stranger.get("/")).json()
    assert ["/openapi.json", ["public"]] in [[one["path"], one["access"]] for one in told["routes"]]


async def test_answers_are_as_described(
    client: httpx.AsyncClient, described: dict[str, Any]
) -> None:
    event, contact = decision(), {"contact_ref": pseudonym(PseudonymKind.CONTACT), "language": "de"}
    wrong = changed(decision(), data__unit="no-such-unit")
    shown = f"/v1/events/{event['id']}"
    said = {"source": OURS, "keys": "case", "mapping": "0" * 64}
    erased = f"/v1/contacts/{contact['contact_ref']}"
    answers = [
        (await send(client, event), "/v1/events", 202),
        (await send_batch(client, [event, wrong]), "/v1/events", 202),
        (await send(client, wrong), "/v1/events", 422),
        (await send(client, changed(event, data__direction="neutral")), "/v1/events", 409),
        (await send(client, changed(decision(), source="urn:a:b")), "/v1/events", 403),
        (await client.post("/v1/events", content=b"{"), "/v1/events", 415),
        (await client.get(shown, params={"source": OURS}), "/v1/events/{event_id}", 200),
        (await client.get(shown, params={"source": "urn:a:b"}), "/v1/events/{event_id}", 404),
        (await client.get(shown), "/v1/events/{event_id}", 422),
        (await client.post("/v1/contacts", json=contact), "/v1/contacts", 202),
        (await client.post("/v1/contacts", json={}), "/v1/contacts", 422),
        (await client.post("/v1/contacts", content=b"{"), "/v1/contacts", 400),
        (await client.delete(erased), "/v1/contacts/{contact_ref}", 204),
        (await client.post("/v1/imports", json=said), "/v1/imports", 409),
        (await client.post("/v1/imports", json={}), "/v1/imports", 422),
    ]

    for answer, path, status in answers:
        assert answer.status_code == status, f"{path}: {answer.text}"
        check(answer, path, described)


async def test_who_isnt_known_is_answered_as_described(
    intake: Service, described: dict[str, Any]
) -> None:
    async with intake.client("nobody") as stranger:
        check(await send(stranger, decision()), "/v1/events", described)
