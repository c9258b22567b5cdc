import json
import logging

import pytest
from pydantic import ValidationError

from shared.contacts.contact import Contact

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


def test_what_somebody_said_about_a_channel_is_kept_with_its_time_and_basis() -> None:
    said = {"channel": "sms", "consent": "given", "at": "2026-03-02T09:00:00Z", "basis": "form-12"}
    contact = Contact.model_validate({**ANNA, "preferred": ["sms"], "agreements": [said]})

    written = json.loads(contact.plaintext())
    assert (written["preferred"], written["agreements"]) == (["sms"], [said])


def test_about_each_channel_the_last_word_counts_alone() -> None:
    said = {"channel": "sms", "consent": "given", "at": "2026-03-02T09:00:00Z", "basis": "form-12"}

    with pytest.raises(ValidationError, match="each channel once"):
        Contact.model_validate({**ANNA, "agreements": [said, said | {"consent": "withdrawn"}]})


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
    ("typed", "sent"),
    [
        ("info@bücher.example", "info@xn--bcher-kva.example"),
        ("info@BÜCHER.example", "info@xn--bcher-kva.example"),
        ("info@straße.example", "info@xn--strae-oqa.example"),
        ("anna@пример.рф", "anna@xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_an_international_domain_goes_as_the_dns_has_it(typed: str, sent: str) -> None:
    contact = Contact.model_validate({"contact_ref": REF, "language": "de", "email": typed})

    assert contact.email is not None
    assert contact.email.reveal() == sent


@pytest.mark.parametrize("typed", [" anna@example.org", "anna@example.org  "])
def test_spaces_around_an_address_are_no_part_of_it(typed: str) -> None:
    contact = Contact.model_validate({"contact_ref": REF, "language": "de", "email": typed})

    assert contact.email is not None
    assert contact.email.reveal() == "anna@example.org"


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
        "me@bad.tld-2",
        "me@yy--0.tld",
    ],
)
def test_an_address_that_could_harm_or_never_arrive_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        Contact.model_validate({"contact_ref": REF, "language": "de", "email": address})


@pytest.mark.parametrize("name", ["Anna\nBcc: all@example.org", "Anna\r", "Anna\u2028", ""])
def test_no_line_break_travels_in_a_name(name: str) -> None:
    with pytest.raises(ValidationError):
        Contact.model_validate({"contact_ref": REF, "language": "de", "name": name})


def test_what_is_wrong_is_told_without_the_value() -> None:
    with pytest.raises(ValidationError) as refused:
        Contact.model_validate({**ANNA, "email": "anna.musterfrau at example"})

    assert "email" in str(refused.value)
    assert "musterfrau" not in str(refused.value)
