import pytest

from shared.contacts.contact import Contact
from shared.contacts.handover import (
    SEALED_CONTACTS,
    ContactInvalid,
    SealedContact,
    open_contact,
    seal_contact,
)
from shared.security.sealing import SealBroken, new_sealing_pair, seal

PUBLIC, PRIVATE = new_sealing_pair()
REF = "contact-" + "a" * 26
OTHER = "contact-" + "b" * 26
ANNA = Contact.model_validate(
    {"contact_ref": REF, "language": "de", "name": "Anna", "email": "anna@example.org"}
)


def test_a_contact_survives_the_way_from_intake_to_notify() -> None:
    body = SEALED_CONTACTS.dump_json((seal_contact(PUBLIC, ANNA),))

    (arrived,) = SEALED_CONTACTS.validate_json(body)

    assert b"anna@example.org" not in body
    assert open_contact(PRIVATE, arrived) == ANNA


def test_a_box_cannot_be_given_to_another_recipient() -> None:
    box = seal_contact(PUBLIC, ANNA)

    with pytest.raises(SealBroken):
        open_contact(PRIVATE, SealedContact(contact_ref=OTHER, sealed=box.sealed))


def test_a_box_that_names_another_recipient_inside_is_refused() -> None:
    sealed = seal(PUBLIC, ANNA.plaintext(), OTHER.encode())

    with pytest.raises(ContactInvalid, match="names another recipient"):
        open_contact(PRIVATE, SealedContact(contact_ref=OTHER, sealed=sealed))


def test_a_refusal_names_the_field_and_never_the_value() -> None:
    plaintext = ANNA.plaintext().replace(b"anna@example.org", b"anna at example.org")
    sealed = seal(PUBLIC, plaintext, REF.encode())

    with pytest.raises(ContactInvalid, match=f"{REF}: email: ") as refused:
        open_contact(PRIVATE, SealedContact(contact_ref=REF, sealed=sealed))

    assert "anna" not in str(refused.value)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'[{"contact_ref": "Anna", "sealed": "YQ=="}]',
        b'[{"contact_ref": "contact-%s", "sealed": "not base64!"}]' % (b"a" * 26),
        b'[{"contact_ref": "contact-%s", "sealed": ""}]' % (b"a" * 26),
        b'[{"contact_ref": "contact-%s", "sealed": "YQ==", "email": "x"}]' % (b"a" * 26),
    ],
)
def test_a_body_of_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="validation error"):
        SEALED_CONTACTS.validate_json(body)
