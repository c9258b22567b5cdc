"""Contacts pass sealed, and nothing personal is left behind."""

import json
from base64 import b64decode

import httpx
import pytest

from shared.contacts.handover import SEALED_CONTACTS, open_contact
from shared.security.pseudonyms import PseudonymKind
from shared.security.secrets import SecretName
from tests.integration.intake.door import TOKEN, Notify, Service, pseudonym

pytestmark = pytest.mark.stack


def contact(email: str = "erika@example.org") -> dict[str, str]:
    return {
        "contact_ref": pseudonym(PseudonymKind.CONTACT),
        "language": "de",
        "email": email,
        "name": "Erika Mustermann",
    }


async def test_contacts_reach_notify_sealed(
    intake: Service, client: httpx.AsyncClient, notify: Notify
) -> None:
    one, two = contact(), contact("otto@example.org")
    for body, amount in ((one, 1), ([one, two], 2)):
        answer = await client.post("/v1/contacts", json=body)
        assert (answer.status_code, answer.json()) == (202, {"accepted": amount})
    handed_over = notify.taken[-1]
    assert b"erika" not in handed_over
    assert b"erika" not in b64decode(json.loads(handed_over)[0]["sealed"])
    key = intake.secrets.key(SecretName.CONTACT_SEALING_PRIVATE_KEY).get_secret_value()
    opened = [open_contact(key, box) for box in SEALED_CONTACTS.validate_json(handed_over)]
    assert [who.contact_ref for who in opened] == [one["contact_ref"], two["contact_ref"]]
    token = intake.secrets.text(SecretName.HANDOVER_TOKEN).get_secret_value()
    assert notify.tokens[-1] == f"Bearer {token}"


async def test_an_invalid_contact_is_named_by_field_and_never_quoted(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    before = len(notify.taken)
    bad = contact("erika at example") | {"Geburtstag Erikas": "1.1.1970"}
    answer = await client.post("/v1/contacts", json=[contact(), bad])
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["index"] == 1
    assert {wrong["field"] for wrong in error["fields"]} == {"email", "(withheld)"}
    assert "rika" not in answer.text
    assert len(notify.taken) == before


async def test_a_wrong_address_is_refused_alone_where_there_is_another(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    before = len(notify.taken)
    answer = await client.post("/v1/contacts", json=contact("erika at example") | {"phone": "115"})

    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    (told,) = answer.json()["refused"]
    assert (told["index"], [one["field"] for one in told["fields"]]) == (0, ["email"])
    assert "erika" not in answer.text
    assert len(notify.taken) == before + 1


async def test_what_notify_refuses_is_told_by_place_field_and_condition(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    one, two = contact(), contact()
    wrong = {"field": "phone", "condition": "phone-too-short", "reason": "the number lacks digits"}
    notify.status = 422
    notify.problem = {
        "type": "urn:gleichfall:problem:refused-contacts",
        "errors": [wrong | {"contact_ref": two["contact_ref"]}],
    }
    try:
        answer = await client.post("/v1/contacts", json=[one, two])
    finally:
        notify.status = 202
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:gleichfall:problem:invalid-contacts"
    assert answer.json()["errors"] == [{"index": 1, "fields": [wrong]}]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b'"a"', b"[" + b"1," * 1_000 + b"1]"])
async def test_what_is_no_contact_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/v1/contacts", content=body)
    assert answer.status_code in {400, 413, 422}


async def test_contacts_are_not_taken_while_notify_is_away(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    notify.status = 503
    try:
        answer = await client.post("/v1/contacts", json=contact())
    finally:
        notify.status = 202
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_erasing_a_contact_is_asked_of_notify_and_done_when_that_is_done(
    client: httpx.AsyncClient, notify: Notify
) -> None:
    ours = contact()
    path = f"/v1/contacts/{ours['contact_ref']}"
    await client.post("/v1/contacts", json=ours)

    done = await client.delete(path)
    nobody = await client.delete("/v1/contacts/erika@example.org")
    notify.status = 503
    try:
        away = await client.delete(path)
    finally:
        notify.status = 202

    assert (done.status_code, nobody.status_code, away.status_code) == (204, 422, 503)
    assert "erika" not in nobody.text
    assert notify.asked[-2:] == [("DELETE", path)] * 2


async def test_nothing_personal_is_in_the_log(intake: Service, client: httpx.AsyncClient) -> None:
    taken = await client.post("/v1/contacts", json=contact())
    refused = await client.post("/v1/contacts", json=contact("erika@example.org, in Köln"))

    assert (taken.status_code, refused.status_code) == (202, 422)
    log = intake.log.read_text()
    assert log
    for word in ("Erika", "Mustermann", "erika@example.org", TOKEN):
        assert word not in log


def represented(by: str, case_ref: str, **said: object) -> dict[str, object]:
    party = {"case": case_ref, "contact_ref": by, "capacity": "representative", "basis": "form-7"}
    return contact() | {"parties": [party | said]}


async def test_who_else_is_told_passes_sealed_with_the_contact(
    intake: Service, client: httpx.AsyncClient, notify: Notify
) -> None:
    lawyer, case_ref = pseudonym(PseudonymKind.CONTACT), pseudonym(PseudonymKind.CASE)

    answer = await client.post("/v1/contacts", json=represented(lawyer, case_ref, copied=True))

    assert (answer.status_code, answer.json()) == (202, {"accepted": 1})
    key = intake.secrets.key(SecretName.CONTACT_SEALING_PRIVATE_KEY).get_secret_value()
    (opened,) = (open_contact(key, box) for box in SEALED_CONTACTS.validate_json(notify.taken[-1]))
    (party,) = opened.parties
    assert (party.contact_ref, party.case, party.copied) == (lawyer, case_ref, True)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"capacity": "friend"}, "parties.0.capacity"),
        ({"capacity": "additional", "copied": True}, "parties.0"),
        ({"basis": None}, "parties.0.basis"),
        ({"case": "case-1"}, "parties.0.case"),
    ],
)
async def test_a_party_that_says_too_little_or_too_much_is_refused_by_field(
    client: httpx.AsyncClient, said: dict[str, object], field: str
) -> None:
    lawyer, case_ref = pseudonym(PseudonymKind.CONTACT), pseudonym(PseudonymKind.CASE)

    answer = await client.post("/v1/contacts", json=represented(lawyer, case_ref, **said))

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"][0]["fields"]] == [field]
