"""What is accepted of a contact is stored in normal form; the rest is named, never repeated."""

from pathlib import Path

import pytest

from services.notify import fonts
from services.notify.contacts.normal_form import (
    WrongField,
    addresses,
    leads_somewhere,
    normal_form,
)
from shared.contacts.contact import Contact
from shared.events.vocabulary import Channel

ANNA = "contact-" + "a" * 26
MOBILE = "0171 / 39 200-12"
HOME = ("Musterweg 7", "76133 Karlsruhe")


def contact(**given: object) -> Contact:
    return Contact.model_validate({"contact_ref": ANNA, "language": "de", **given})


def taken(**given: object) -> Contact:
    read, wrong = normal_form(contact(**given))
    assert not wrong
    return read


def refused(**given: object) -> list[WrongField]:
    read, wrong = normal_form(contact(**given))
    assert all(getattr(read, one.field) is None for one in wrong)
    return wrong


def test_addresses_are_stored_in_the_one_way_in_which_they_are_used() -> None:
    read = taken(
        email="Anna.Muster@EXAMPLE.org",
        phone=MOBILE,
        postal_address=[" Anna  Muster ,", "Musterweg 7", "D-76133 Karlsruhe", "Germany"],
        mailbox=" E0E02494-ECA2-4A6B-9320-FC527747878C ",
    )

    assert {way: address.reveal() for way, address in addresses(read).items()} == {
        Channel.EMAIL: "Anna.Muster@example.org",
        Channel.SMS: "+491713920012",
        Channel.LETTER: ("Anna Muster", "Musterweg 7", "76133 Karlsruhe"),
        Channel.MAILBOX: "e0e02494-eca2-4a6b-9320-fc527747878c",
    }


def test_what_is_in_normal_form_stays_as_it_is() -> None:
    once = taken(phone=MOBILE, postal_address=["Anna", "Weg 7", "1010 Wien", "austria"])

    assert normal_form(once) == (once, [])


def test_a_landline_is_kept_but_is_no_way_for_sms() -> None:
    assert not addresses(taken(phone="0721 133-0"))


@pytest.mark.parametrize(
    "wish",
    [
        {"preferred": ["sms"]},
        {
            "agreements": [
                {
                    "channel": "sms",
                    "consent": "given",
                    "at": "2026-03-02T09:00:00Z",
                    "basis": "form-12",
                }
            ]
        },
    ],
)
def test_who_wants_sms_needs_a_number_that_takes_them(wish: dict[str, object]) -> None:
    (wrong,) = refused(phone="0721 133-0", **wish)

    assert (wrong.field, wrong.refusal.condition) == ("phone", "phone-without-sms")


def test_every_wrong_field_is_named_with_its_condition_and_none_is_repeated() -> None:
    wrong = refused(
        phone="49 171 3920012",
        postal_address=["Anna Muster", "76133 Karlsruhe"],
        mailbox="anna-at-bund",
    )

    assert [(one.contact_ref, one.field, one.refusal.condition) for one in wrong] == [
        (ANNA, "phone", "phone-ambiguous"),
        (ANNA, "postal_address", "address-too-short"),
        (ANNA, "mailbox", "mailbox-handle-invalid"),
    ]
    assert not [word for word in ("3920012", "Anna", "76133", "anna-at") if word in repr(wrong)]


@pytest.mark.parametrize(
    ("name", "condition"),
    [("A" * 200, "address-outgrows-window"), ("李小龍", "address-unprintable")],
)
def test_an_address_that_no_letter_can_show_is_refused_where_it_is_taken(
    name: str, condition: str
) -> None:
    (wrong,) = refused(email="anna@example.org", postal_address=[name, *HOME])

    assert (wrong.field, wrong.refusal.condition) == ("postal_address", condition)
    assert name not in repr(wrong)


def test_where_no_fonts_are_installed_addresses_are_taken_as_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fonts, "FONTS", tmp_path)
    fonts.widths.cache_clear()

    assert taken(postal_address=["李小龍", *HOME]).postal_address


def test_a_wrong_field_is_left_out_and_the_good_ones_stay() -> None:
    read, (wrong,) = normal_form(contact(email="anna@example.org", phone="0171 392 OO12"))

    assert (wrong.field, wrong.refusal.condition) == ("phone", "phone-character-unknown")
    assert set(addresses(read)) == {Channel.EMAIL}
    assert leads_somewhere(read)
    assert not leads_somewhere(normal_form(contact(phone="0171 392 OO12"))[0])
