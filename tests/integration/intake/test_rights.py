"""What one system brought, another one can't touch; who tries stands in the security log."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.events.registry import SubjectKind
from shared.security.pseudonyms import PseudonymKind
from tests.contract.admitted import FROM_OUTSIDE
from tests.contract.samples import structured
from tests.integration.intake.door import (
    OTHER_TOKEN,
    OURS,
    PHONE,
    PHONE_TOKEN,
    THEIRS,
    Notify,
    Service,
    changed,
    decision,
    pseudonym,
    send,
    send_batch,
    statuses,
)
from tests.listed import listed

pytestmark = pytest.mark.stack


@pytest.fixture
async def other(intake: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with intake.client(OTHER_TOKEN) as client:
        yield client


@pytest.fixture
async def phone(intake: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with intake.client(PHONE_TOKEN) as client:
        yield client


def logged(environment: dict[str, str]) -> dict[str, Any]:
    lines = Path(environment["GLEICHFALL_SECURITY_LOG"]).read_text().splitlines()
    last: dict[str, Any] = json.loads(lines[-1])
    return last


def contact(contact_ref: str, email: str = "erika@example.org") -> dict[str, str]:
    return {"contact_ref": contact_ref, "language": "de", "email": email}


def closed(subject: str, source: str) -> dict[str, Any]:
    event = decision(subject)
    return event | {"type": "gleichfall.case.closed.v1", "source": source, "data": {}}


async def test_a_case_belongs_to_whoever_brought_it(
    client: httpx.AsyncClient, other: httpx.AsyncClient, environment: dict[str, str]
) -> None:
    ours = decision()
    assert statuses(await send(client, ours)) == [(1, "accepted")]

    refused = await send(other, closed(ours["subject"], THEIRS))
    assert refused.status_code == 403
    assert refused.headers["content-type"] == "application/problem+json"
    (error,) = refused.json()["errors"]
    assert (error["defect"], error["fields"][0]["field"]) == ("foreign", "subject")
    line = logged(environment)
    assert (line["event"], line["who"], line["address"]) == ("refused", "other", "127.0.0.1")
    assert OTHER_TOKEN not in json.dumps(line)

    theirs = changed(decision(), source=THEIRS)
    mixed = await send_batch(other, [closed(ours["subject"], THEIRS), theirs])
    assert statuses(mixed) == [(1, "accepted")]
    assert [error["defect"] for error in mixed.json()["errors"]] == ["foreign"]
    assert (logged(environment)["reason"], logged(environment)["count"]) == ("foreign", 1)
    assert statuses(await send(client, decision(ours["subject"]))) == [(2, "accepted")]


def every_fact_about(case: str, source: str) -> list[dict[str, Any]]:
    """Give an event of each type that systems state of a case."""
    types = {one.name for one in FROM_OUTSIDE if one.subject is SubjectKind.CASE}
    samples = {one["type"]: one for one in structured() if one["type"] in types}
    assert samples.keys() == types
    return [
        one | {"id": str(uuid4()), "source": source, "subject": case, "data": listed(one["data"])}
        for one in samples.values()
    ]


async def test_whatever_is_stated_of_a_case_only_who_brought_it_states_it(
    client: httpx.AsyncClient, other: httpx.AsyncClient
) -> None:
    case = decision()["subject"]
    own = every_fact_about(case, OURS)
    taken = await send_batch(client, own)
    assert [status for _, status in statuses(taken)] == ["accepted"] * len(own)

    foreign = await send_batch(other, every_fact_about(case, THEIRS))
    assert [error["defect"] for error in foreign.json()["errors"]] == ["foreign"] * len(own)
    assert not foreign.json().get("receipts")


async def test_a_contact_belongs_to_whoever_brought_it(
    client: httpx.AsyncClient, other: httpx.AsyncClient, notify: Notify
) -> None:
    ref = pseudonym(PseudonymKind.CONTACT)
    assert (await client.post("/v1/contacts", json=contact(ref))).status_code == 202
    taken, asked = len(notify.taken), len(notify.asked)

    replaced = await other.post("/v1/contacts", json=[contact(ref, "attacker@example.org")])
    assert replaced.status_code == 403
    assert replaced.json()["errors"] == [{"index": 0, "field": "contact_ref"}]
    assert (await other.delete(f"/v1/contacts/{ref}")).status_code == 403
    unknown = pseudonym(PseudonymKind.CONTACT)
    assert (await other.delete(f"/v1/contacts/{unknown}")).status_code == 403
    party = {
        "case": pseudonym(PseudonymKind.CASE),
        "contact_ref": ref,
        "capacity": "representative",
        "basis": "form-7",
    }
    naming = contact(unknown) | {"parties": [party]}
    answer = await other.post("/v1/contacts", json=naming)
    assert answer.status_code == 403
    assert answer.json()["errors"] == [{"index": 0, "field": "parties.0.contact_ref"}]
    assert (len(notify.taken), len(notify.asked)) == (taken, asked)

    named = changed(decision(), source=THEIRS) | {
        "type": "gleichfall.application.received.v1",
        "data": {
            "channel": "online",
            "service_key": "residence-work",
            "unit": "unit-2",
            "contact_ref": ref,
        },
    }
    answer = await send(other, named)
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["fields"][0]["field"] == "data.contact_ref"

    assert (await client.post("/v1/contacts", json=contact(ref))).status_code == 202
    assert (await client.delete(f"/v1/contacts/{ref}")).status_code == 204


async def test_a_telephone_system_states_calls_and_nothing_else(
    phone: httpx.AsyncClient, client: httpx.AsyncClient, environment: dict[str, str]
) -> None:
    case = decision()
    await send(client, case)
    call = decision("hotline-115") | {
        "type": "gleichfall.call.received.v1",
        "source": PHONE,
        "data": {"line": "hotline-115"},
    }
    assert (await send(phone, call)).status_code == 202
    for event in (changed(decision(), source=PHONE), closed(case["subject"], PHONE)):
        answer = await send(phone, event)
        assert (answer.status_code, answer.json()["errors"][0]["defect"]) == (403, "type_forbidden")
        assert logged(environment)["who"] == "phone"
    ref = pseudonym(PseudonymKind.CONTACT)
    assert (await phone.post("/v1/contacts", json=contact(ref))).status_code == 403
    assert logged(environment)["reason"] == "contacts-forbidden"
    assert (await phone.delete(f"/v1/contacts/{ref}")).status_code == 403


async def test_somebody_unknown_stands_in_the_security_log(
    intake: Service, environment: dict[str, str]
) -> None:
    async with intake.client("no such token") as nobody:
        assert (await send(nobody, decision())).status_code == 401
    line = logged(environment)
    assert (line["event"], line["who"], line["route"]) == ("refused", None, "/v1/events")
    assert "no such token" not in json.dumps(line)
