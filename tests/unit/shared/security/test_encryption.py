import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.security.encryption import (
    CiphertextBroken,
    KeyDestroyed,
    data_key,
    decrypt,
    encrypt,
    new_data_key,
)

MASTER = bytes(range(32))


@given(st.binary(), st.text())
def test_the_data_of_an_owner_is_read_with_the_owners_key(plaintext: bytes, owner: str) -> None:
    key = data_key(MASTER, new_data_key(MASTER, owner), owner)

    assert decrypt(key, encrypt(key, plaintext, owner), owner) == plaintext


def test_without_its_key_the_data_is_erased() -> None:
    with pytest.raises(KeyDestroyed, match="contact-a was destroyed"):
        data_key(MASTER, None, "contact-a")


def test_a_new_key_does_not_bring_erased_data_back() -> None:
    key = data_key(MASTER, new_data_key(MASTER, "contact-a"), "contact-a")
    ciphertext = encrypt(key, b"anna@example.org", "contact-a")
    later = data_key(MASTER, new_data_key(MASTER, "contact-a"), "contact-a")

    with pytest.raises(CiphertextBroken):
        decrypt(later, ciphertext, "contact-a")


def test_a_ciphertext_cannot_be_moved_to_another_owner() -> None:
    key = data_key(MASTER, new_data_key(MASTER, "contact-a"), "contact-a")

    with pytest.raises(CiphertextBroken):
        decrypt(key, encrypt(key, b"anna@example.org", "contact-a"), "contact-b")


def test_a_wrapped_key_cannot_be_moved_to_another_owner() -> None:
    wrapped = new_data_key(MASTER, "contact-a")

    with pytest.raises(CiphertextBroken):
        data_key(MASTER, wrapped, "contact-b")


def test_a_wrapped_key_is_not_taken_for_data() -> None:
    with pytest.raises(CiphertextBroken):
        decrypt(MASTER, new_data_key(MASTER, "contact-a"), "contact-a")


def test_two_ciphertexts_of_the_same_text_differ() -> None:
    assert encrypt(MASTER, b"seed", "2026-4") != encrypt(MASTER, b"seed", "2026-4")


@given(st.data())
def test_a_ciphertext_changed_or_cut_is_broken(data: st.DataObject) -> None:
    whole = encrypt(MASTER, b"anna@example.org", "contact-a")
    changed = bytearray(whole)
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    changed[bit // 8] ^= 1 << bit % 8

    for broken in (bytes(changed), whole[: data.draw(st.integers(0, len(whole) - 1))]):
        with pytest.raises(CiphertextBroken):
            decrypt(MASTER, broken, "contact-a")
