import json
import logging

import pytest
from pydantic import ValidationError

from shared.contacts.contact import Contact
from shared.events.vocabulary import Channel

REF = "contact-" + "a" * 26
ANNA = {
    "contact_ref": REF,
    "language": "uk",
    "name": "Anna Musterfrau",
    "email": "anna.musterfrau@example.org",
    "phone": "+4915228817386",
    "postal_address": ["Anna Musterfrau", "Musterweg 7", "76133 Karlsruhe"],
}
SECRETS = ("Anna", "anna.musterfrau", "4915228817386", "Musterweg")


def test_the_values_show_in_no_representation(caplog: pytest.LogCaptureFixture) -> None:
    contact = Contact.model_validate(ANNA)

    logging.getLogger("test").warning("%s %r", contact, contact)
    shown = f"{contact} {contact!r} {contact.model_dump()} {contact.model_dump_json()}"

    assert not [secret for secret in SECRETS if secret in shown + caplog.text]


def test_only_the_plaintext_gives_the_values_away() -> None:
    contact = Contact.model_validate(ANNA)

    assert json.loads(contact.plaintext()) == ANNA
    assert Contact.model_validate_json(contact.plaintext()) == contact


def test_absent_values_are_not_written() -> None:
    contact = Contact.model_validate({"contact_ref": REF, "language": "de"})

    assert json.loads(contact.plaintext()) == {"contact_ref": REF, "language": "de"}


def test_channels_follow_from_what_is_known() -> None:
    everything = Contact.model_validate(ANNA)
    phone_only = Contact.model_validate(
        {"contact_ref": REF, "language": "de", "phone": "+4915228817386"}
    )

    assert everything.channels == (Channel.EMAIL, Channel.SMS, Channel.LETTER)
    assert phone_only.channels == (Channel.SMS,)


@pytest.mark.parametrize(
    "address",
    [
        "anna@example.org",
        "o'brien+case@mail.example.co.uk",
        "a@b.de",
        "x" * 64 + "@example.org",
        "anna@xn--mller-kva.de",
        "anna@example.xn--p1ai",
    ],
)
def test_an_address_that_mail_servers_take_is_taken(address: str) -> None:
    contact = Contact.model_validate({"contact_ref": REF, "language": "de", "email": address})

    assert contact.email is not None
    assert contact.email.reveal() == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "anna@",
        "@example.org",
        "anna@localhost",
        "anna@@example.org",
        "anna @example.org",
        "anna@example.org\n",
        "anna@example.org\r\nBcc: all@example.org",
        "anna@example.org, berta@example.org",
        "Anna <anna@example.org>",
        ".anna@example.org",
        "anna..m@example.org",
        "anna@-example.org",
        "anna@example..org",
        "anna@[127.0.0.1]",
        "x" * 65 + "@example.org",
        "änna@example.org",
        "anna@" + "a." * 130 + "org",
    ],
)
def test_an_address_that_could_harm_or_never_arrive_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        Contact.model_validate({"contact_ref": REF, "language": "de", "email": address})


@pytest.mark.parametrize("number", ["0152 28817386", "015228817386", "+49", "+0152", "110"])
def test_a_phone_number_is_complete_with_its_country(number: str) -> None:
    with pytest.raises(ValidationError):
        Contact.model_validate({"contact_ref": REF, "language": "de", "phone": number})


@pytest.mark.parametrize("name", ["Anna\nBcc: all@example.org", "Anna\r", "Anna\u2028", ""])
def test_no_line_break_travels_in_a_name(name: str) -> None:
    with pytest.raises(ValidationError):
        Contact.model_validate({"contact_ref": REF, "language": "de", "name": name})


def test_what_is_wrong_is_told_without_the_value() -> None:
    with pytest.raises(ValidationError) as refused:
        Contact.model_validate({**ANNA, "email": "anna.musterfrau at example"})

    assert "email" in str(refused.value)
    assert "musterfrau" not in str(refused.value)
