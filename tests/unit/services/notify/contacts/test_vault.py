from uuid import UUID

import pytest

from services.notify.contacts.vault import Told, Vault
from shared.contacts.contact import Contact
from shared.events.vocabulary import Channel
from shared.security.encryption import CiphertextBroken

ANNA = "contact-" + "a" * 26
BERTA = "contact-" + "b" * 26
VAULT = Vault(b"m" * 32)


def contact(contact_ref: str = ANNA) -> Contact:
    return Contact.model_validate(
        {"contact_ref": contact_ref, "language": "tr", "email": "anna@example.org"}
    )


def test_a_contact_comes_back_as_it_was() -> None:
    key = VAULT.new_key(ANNA)
    stored = VAULT.lock(contact(), key)

    assert b"anna" not in stored.ciphertext
    assert (stored.channels, stored.language) == (("email",), "tr")
    assert VAULT.key_of(ANNA, key).contact(stored.ciphertext) == contact()


def test_each_recipient_has_a_key_of_their_own() -> None:
    stored = VAULT.lock(contact(), VAULT.new_key(ANNA))

    with pytest.raises(CiphertextBroken):
        VAULT.key_of(ANNA, VAULT.new_key(ANNA)).contact(stored.ciphertext)


def test_a_row_moved_to_another_recipient_stays_closed() -> None:
    key = VAULT.new_key(ANNA)
    VAULT.lock(contact(), key)

    with pytest.raises(CiphertextBroken):
        VAULT.key_of(BERTA, key)
    with pytest.raises(CiphertextBroken):
        VAULT.lock(contact(BERTA), key)


def test_without_the_master_key_nothing_opens() -> None:
    key = VAULT.new_key(ANNA)

    with pytest.raises(CiphertextBroken):
        Vault(b"x" * 32).key_of(ANNA, key)


def test_the_same_address_is_known_again_without_being_told() -> None:
    anna, berta = VAULT.new_key(ANNA), VAULT.new_key(BERTA)
    stored, again = VAULT.lock(contact(), anna), VAULT.lock(contact(), anna)

    assert stored.addresses == again.addresses
    assert stored.addresses.keys() == {Channel.EMAIL}
    assert stored.addresses != VAULT.lock(contact(BERTA), berta).addresses, "nobody is linked"


THREAD = UUID("20eac312-5fba-44d8-a3e5-1f658e55434f")


def test_what_a_message_tells_comes_back_for_its_own_thread_and_key_only() -> None:
    key = VAULT.key_of(ANNA, VAULT.new_key(ANNA))
    sealed = key.seal(THREAD, b'{"due":"2026-03-02"}', contact())

    assert key.unseal(THREAD, sealed) == Told({"due": "2026-03-02"}, contact())
    assert b"2026" not in sealed
    for other, thread in (
        (key, UUID(int=1)),
        (VAULT.key_of(ANNA, VAULT.new_key(ANNA)), THREAD),
    ):
        with pytest.raises(CiphertextBroken):
            other.unseal(thread, sealed)


def test_without_the_key_nobody_can_try_whether_a_hash_is_of_a_text() -> None:
    one, other = (VAULT.key_of(ANNA, VAULT.new_key(ANNA)) for _ in range(2))

    assert one.digest(b"Guten Tag Anna") == one.digest(b"Guten Tag Anna")
    assert one.digest(b"Guten Tag Anna") != other.digest(b"Guten Tag Anna")
    assert one.digest(b"Guten Tag Anna") != one.digest(b"Guten Tag Berta")


def test_an_opened_key_never_shows() -> None:
    key = VAULT.key_of(ANNA, VAULT.new_key(ANNA))

    assert "_key" not in repr(key)
