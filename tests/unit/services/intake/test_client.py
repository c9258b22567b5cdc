"""The client against intake's HTTP contract, answered in memory."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from pydantic import SecretStr

from services.intake.client import IntakeClient, IntakeRefused, IntakeUnavailable
from services.intake.outcome import BATCH_LIMIT
from shared.contacts.contact import Contact
from shared.events.catalogue.case import ApplicationWithdrawn
from shared.events.envelope import CloudEvent
from shared.events.event import encode, new_event

CASE = "case-" + "a" * 26
TOKEN = SecretStr("token-of-the-test")
Handler = Callable[[httpx.Request], httpx.Response]


def envelope() -> CloudEvent:
    return encode(
        new_event("urn:test", CASE, ApplicationWithdrawn(), time=datetime(2026, 1, 5, tzinfo=UTC))
    )


def receipts(request: httpx.Request, status: str = "accepted") -> httpx.Response:
    taken = [
        {"id": event["id"], "source": event["source"], "sequence": number, "status": status}
        for number, event in enumerate(json.loads(request.content), start=1)
    ]
    return httpx.Response(202, json={"receipts": taken, "errors": []})


def client(handler: Handler, patience: timedelta = timedelta(seconds=5)) -> IntakeClient:
    return IntakeClient(
        "http://intake.example.invalid",
        TOKEN,
        patience=patience,
        transport=httpx.MockTransport(handler),
    )


async def test_a_batch_carries_the_token_and_comes_back_as_receipts() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return receipts(request)

    async with client(answer) as intake:
        outcome = await intake.send_events([envelope(), envelope()])

    assert (outcome.accepted, outcome.duplicate, outcome.errors) == (2, 0, ())
    assert seen[0].headers["authorization"] == "Bearer token-of-the-test"
    assert seen[0].headers["content-type"] == "application/cloudevents-batch+json"
    assert seen[0].url.path == "/v1/events"


async def test_ready_json_documents_are_sent_as_they_are() -> None:
    document = b'{"id":"1","source":"urn:test"}'

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.content == b"[" + document + b"]"
        return receipts(request, status="duplicate")

    async with client(answer) as intake:
        outcome = await intake.send_events([document])

    assert (outcome.accepted, outcome.duplicate) == (0, 1)


async def test_a_refused_event_is_reported_beside_the_receipts_of_the_others() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        first, second = json.loads(request.content)
        return httpx.Response(
            202,
            json={
                "receipts": [
                    {
                        "id": first["id"],
                        "source": first["source"],
                        "sequence": 1,
                        "status": "accepted",
                    }
                ],
                "errors": [
                    {
                        "index": 1,
                        "id": second["id"],
                        "defect": "data_invalid",
                        "fields": [{"field": "data.direction", "reason": "is required"}],
                    }
                ],
            },
        )

    async with client(answer) as intake:
        outcome = await intake.send_events([envelope(), envelope()])

    assert outcome.accepted == 1
    assert outcome.errors[0].fields[0].field == "data.direction"


async def test_an_answer_that_leaves_an_event_out_is_no_answer() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(202, json={"receipts": [], "errors": []})

    async with client(answer) as intake:
        with pytest.raises(IntakeRefused):
            await intake.send_events([envelope()])


@pytest.mark.parametrize(
    "busy",
    [
        httpx.Response(429, headers={"retry-after": "0"}),
        httpx.Response(503, headers={"retry-after": format_datetime(datetime.now(UTC))}),
        httpx.Response(503),
    ],
)
async def test_a_busy_intake_is_asked_again_with_the_same_bytes(busy: httpx.Response) -> None:
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        return busy if len(bodies) == 1 else receipts(request)

    async with client(answer) as intake:
        outcome = await intake.send_events([envelope()])

    assert outcome.accepted == 1
    assert bodies[0] == bodies[1]


async def test_a_lost_connection_is_tried_again() -> None:
    attempts = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise httpx.ReadError("connection reset")
        return receipts(request, status="duplicate")

    async with client(answer) as intake:
        outcome = await intake.send_events([envelope()])

    assert outcome.duplicate == 1


async def test_patience_ends_with_one_clear_line() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503)

    async with client(answer, patience=timedelta(milliseconds=50)) as intake:
        with pytest.raises(IntakeUnavailable, match="did not take the batch within"):
            await intake.send_events([envelope()])


async def test_a_wrong_token_names_the_secret_and_never_shows_it() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(401, json={"title": "Unauthorized", "detail": "unknown token"})

    async with client(answer) as intake:
        with pytest.raises(IntakeRefused, match="client_token") as refused:
            await intake.send_events([envelope()])

    assert TOKEN.get_secret_value() not in str(refused.value)


async def test_an_address_without_a_scheme_is_refused_at_once() -> None:
    async with IntakeClient("intake:8080", TOKEN) as intake:
        with pytest.raises(IntakeRefused, match="http://"):
            await intake.send_events([envelope()])


@pytest.mark.parametrize("url", ["u:geheim@intake:8080", "http://u:geheim@127.0.0.1:1"])
async def test_a_password_in_the_address_is_never_shown(url: str) -> None:
    async with IntakeClient(url, TOKEN, patience=timedelta(milliseconds=50)) as intake:
        with pytest.raises((IntakeRefused, IntakeUnavailable)) as refusal:
            await intake.send_events([envelope()])
    assert "geheim" not in str(refusal.value)


async def test_contacts_are_handed_over_in_plain_text_but_never_printed() -> None:
    contact = Contact.model_validate(
        {"contact_ref": "contact-" + "b" * 26, "language": "uk", "email": "anna@example.invalid"}
    )
    bodies: list[object] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return httpx.Response(202, json={})

    async with client(answer) as intake:
        await intake.send_contacts([contact])

    assert bodies == [
        [
            {
                "contact_ref": contact.contact_ref,
                "language": "uk",
                "email": "anna@example.invalid",
            }
        ]
    ]
    assert "anna" not in repr(contact)


async def test_a_batch_over_the_limit_is_a_programming_error() -> None:
    async with client(receipts) as intake:
        with pytest.raises(ValueError, match="at most 1000"):
            await intake.send_events([b"{}"] * (BATCH_LIMIT + 1))
