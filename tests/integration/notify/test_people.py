"""Contacts are taken from intake alone, heeded, and found nowhere else."""

import json
from base64 import b64encode
from itertools import cycle

import pytest

from shared.contacts.contact import Contact
from shared.contacts.handover import SealedContact, seal_contact
from shared.events.catalogue.notification import NotificationSuppressed
from shared.events.event import encode
from shared.events.vocabulary import FailureReason
from shared.security.secrets import SecretName
from tests.integration.notify.service import (
    ADDRESS,
    NAME,
    PHONE,
    Notify,
    application,
    contact,
    pseudonym,
    story,
    until,
    whole_story,
)

pytestmark = pytest.mark.stack


async def test_contacts_are_taken_from_intake_only(notify: Notify) -> None:
    box = SealedContact(contact_ref=pseudonym("contact"), sealed=b"box")

    answer = await notify.put([box], token="guessed")

    assert answer.status_code == 401


async def test_a_box_that_does_not_open_refuses_the_whole_batch(notify: Notify) -> None:
    key = notify.secrets.key(SecretName.CONTACT_SEALING_PUBLIC_KEY).get_secret_value()
    good = seal_contact(key, contact(pseudonym("contact"), "good@example.org"))
    broken = SealedContact(contact_ref=pseudonym("contact"), sealed=good.sealed)

    answer = await notify.put([good, broken])

    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:gleichfall:problem:invalid-contacts"
    assert good.contact_ref not in await notify.dump()


async def test_an_address_that_nobody_can_be_written_to_is_refused_and_never_repeated(
    notify: Notify,
) -> None:
    key = notify.secrets.key(SecretName.CONTACT_SEALING_PUBLIC_KEY).get_secret_value()
    good = contact(pseudonym("contact"), "fine@example.org")
    bad = Contact.model_validate(
        {
            "contact_ref": pseudonym("contact"),
            "language": "de",
            "phone": "0171 392 OO12",
            "postal_address": ["Erika Muster", "Unter den Brücken", "ohne festen Wohnsitz"],
        }
    )
    hidden = Contact.model_validate(
        {
            "contact_ref": pseudonym("contact"),
            "language": "de",
            "postal_address": ["Erika" * 40, "Hauptstraße 1", "76133 Karlsruhe"],
        }
    )

    answer = await notify.put([seal_contact(key, one) for one in (good, bad, hidden)])

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "urn:gleichfall:problem:refused-contacts"
    assert [(one["contact_ref"], one["field"], one["condition"]) for one in problem["errors"]] == [
        (bad.contact_ref, "phone", "phone-character-unknown"),
        (bad.contact_ref, "postal_address", "no-fixed-abode"),
        (hidden.contact_ref, "postal_address", "address-outgrows-window"),
    ]
    for value in ("0171 392", "OO12", "Erika", "Brücken", "Wohnsitz"):
        assert value not in answer.text + notify.log.read_text()
    assert good.contact_ref not in await notify.dump()


async def test_who_wants_no_mail_gets_none_and_is_told_why_to_staff(notify: Notify) -> None:
    case_ref, contact_ref = pseudonym("case"), pseudonym("contact")
    said = {
        "channel": "email",
        "consent": "withdrawn",
        "at": "2026-03-02T09:00:00Z",
        "basis": "f-1",
    }
    who = contact(contact_ref, "leave.me@example.org").plaintext()
    await notify.register(
        Contact.model_validate({**json.loads(who), "postal_address": None, "agreements": [said]})
    )

    await notify.publish(story(case_ref, application(contact_ref)))
    *_, last = await notify.published(case_ref, 2)

    assert isinstance(last.data, NotificationSuppressed)
    assert last.data.reason is FailureReason.CONSENT_WITHDRAWN
    assert not notify.mails("leave.me@example.org")


async def test_a_representative_gets_the_mails_of_a_case_and_the_person_none(
    notify: Notify,
) -> None:
    case_ref, ref, lawyer = pseudonym("case"), pseudonym("contact"), pseudonym("contact")
    party = {"case": case_ref, "contact_ref": lawyer, "capacity": "representative", "basis": "f-7"}
    person = contact(ref, "represented@example.org").plaintext()
    await notify.register(
        contact(lawyer, "chambers@example.org"),
        Contact.model_validate({**json.loads(person), "parties": [party]}),
    )

    await notify.publish(whole_story(case_ref, ref))
    mails = await until(4, notify, "chambers@example.org")

    assert all("meinen wir diese Person" in mail.as_bytes().decode("ascii") for mail in mails)
    assert not notify.mails("represented@example.org")
    assert "represented@example.org" not in await notify.dump()


async def test_what_one_person_is_told_holds_nothing_of_another(notify: Notify) -> None:
    """Sixty people at once, in all languages: each name and address stands in its own mail only."""
    languages = cycle(("de", "en", "fr", "tr", "uk", "ar"))
    people = [
        (f"Zeichen{word}", f"{word}@isolated.example", pseudonym("contact"))
        for word in (pseudonym("x")[2:14] for _ in range(60))
    ]
    await notify.register(
        *(
            Contact.model_validate(
                {"contact_ref": ref, "language": next(languages), "name": name, "email": email}
            )
            for name, email, ref in people
        )
    )

    cases = [story(pseudonym("case"), application(ref)) for _, _, ref in people]
    await notify.publish([event for events in cases for event in events])
    for _, email, _ in people:
        await until(1, notify, email)

    for name, email, _ in people:
        (mail,) = notify.mails(email)
        told = str(mail["To"]) + "".join(part.get_content() for part in mail.iter_parts())
        assert [one for one, _, _ in people if one in told] == [name]
        assert [other for _, other, _ in people if other in told] == [email]


async def test_nobody_can_be_found_in_database_events_or_logs(notify: Notify) -> None:
    contact_ref, case_ref = pseudonym("contact"), pseudonym("case")
    await notify.register(contact(contact_ref, "hidden.person@example.org"))
    await notify.publish(whole_story(case_ref, contact_ref))
    await until(4, notify, "hidden.person@example.org")

    events = await notify.published(case_ref, 10)
    traces = "\n".join(
        [await notify.dump(), notify.log.read_text(), *(str(encode(event)) for event in events)]
    )

    assert contact_ref in traces
    for secret in (NAME, "hidden.person", PHONE, *ADDRESS):
        for form in forms(secret):
            assert form not in traces


def forms(secret: str) -> tuple[str, ...]:
    """The secret as it is and as encodings would show it."""
    data = secret.encode()
    return (secret, json.dumps(secret)[1:-1], data.hex(), b64encode(data).decode().rstrip("="))
