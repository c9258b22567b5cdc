"""A key that is exchanged while it is used: what any key of the file has encrypted is read."""

from pathlib import Path

import pytest

from shared.security import key_ring
from shared.security.encryption import (
    CiphertextBroken,
    data_key,
    decrypt,
    encrypt,
    new_data_key,
    resealed,
    rewrapped,
)
from shared.security.key_ring import Form, KeyRing, Keys, Place, read_keys
from shared.security.secrets import SecretMalformed, SecretName, SecretStore

NAME = SecretName.CONTACT_MASTER_KEY
A, B, C = (letter * 32 for letter in (b"a", b"b", b"c"))


@pytest.fixture
def store(tmp_path: Path) -> SecretStore:
    return SecretStore(tmp_path)


def write(store: SecretStore, keys: Keys) -> None:
    (store.directory / NAME).write_text(keys.text)


@pytest.fixture
def ring(store: SecretStore) -> KeyRing:
    write(store, Keys(A))
    return KeyRing(store, NAME)


def test_a_file_with_one_key_is_as_it_always_was(store: SecretStore) -> None:
    (store.directory / NAME).write_text(A.hex() + "\n")
    assert read_keys(store, NAME) == Keys(A)
    assert Keys(A).text == A.hex() + "\n"


PEM = b"-----BEGIN PRIVATE KEY-----\nold/+next\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("name", "form", "first", "second"),
    [
        (SecretName.HANDOVER_TOKEN, Form.SHOWN, b"old", b"fresh"),
        (SecretName.OWNER_DATABASE_PASSWORD, Form.SHOWN, b"old", b"fresh"),
        (SecretName.DKIM_RSA_PEM, Form.PEM, PEM, b"key-1\n" + PEM),
    ],
    ids=lambda one: one if isinstance(one, SecretName) else "",
)
def test_other_forms_are_read_as_they_are_written(
    store: SecretStore, name: SecretName, form: Form, first: bytes, second: bytes
) -> None:
    keys = Keys(first, form=form).with_next(second)
    for now in (keys, keys.exchanged(), keys.exchanged().alone()):
        (store.directory / name).write_text(now.text)
        assert read_keys(store, name) == now


def test_what_is_written_is_read(store: SecretStore) -> None:
    keys = Keys(A, ((Place.NEXT, B), (Place.OLD, C)))
    write(store, keys)
    assert read_keys(store, NAME) == keys
    assert keys.every == (A, B, C)


@pytest.mark.parametrize(
    "content",
    ["", "ab", f"{A.hex()}\n{B.hex()}", f"{A.hex()}\nnext", f"{A.hex()}\nnew {B.hex()}"],
)
def test_anything_else_is_refused_and_not_quoted(store: SecretStore, content: str) -> None:
    (store.directory / NAME).write_text(content)
    with pytest.raises(SecretMalformed, match="contact_master_key") as refusal:
        read_keys(store, NAME)
    assert A.hex() not in str(refusal.value)


def test_keys_stand_in_no_text(ring: KeyRing) -> None:
    assert A.hex() not in f"{ring!r}{Keys(A)!r}"
    assert repr(A) not in f"{ring!r}{Keys(A)!r}"


def test_what_a_key_has_encrypted_that_came_meanwhile_is_read_at_once(
    store: SecretStore, ring: KeyRing
) -> None:
    write(store, Keys(B, ((Place.OLD, A),)))
    assert decrypt(ring, encrypt(B, b"text", "owner"), "owner") == b"text"
    assert decrypt(ring, encrypt(A, b"text", "owner"), "owner") == b"text"


def test_the_new_key_encrypts_once_the_file_was_looked_at(
    store: SecretStore, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, Keys(B, ((Place.OLD, A),)))
    assert decrypt(A, encrypt(ring, b"text", "owner"), "owner") == b"text"
    monkeypatch.setattr(key_ring, "LOOK", key_ring.LOOK * -1)
    assert decrypt(B, encrypt(ring, b"text", "owner"), "owner") == b"text"


@pytest.mark.parametrize("content", ["", A.hex()[:40], f"{B.hex()}\nol"])
def test_a_file_that_is_being_written_changes_nothing(
    store: SecretStore, ring: KeyRing, content: str
) -> None:
    (store.directory / NAME).write_text(content)
    with pytest.raises(CiphertextBroken):
        decrypt(ring, encrypt(B, b"text", "owner"), "owner")
    assert decrypt(ring, encrypt(A, b"text", "owner"), "owner") == b"text"


def test_what_is_not_under_the_present_key_is_encrypted_anew(
    store: SecretStore, ring: KeyRing
) -> None:
    write(store, Keys(B, ((Place.OLD, A),)))
    ring = KeyRing(store, NAME)
    again = resealed(ring, encrypt(A, b"text", "owner"), "owner")
    assert again is not None
    assert decrypt(B, again, "owner") == b"text"
    assert resealed(ring, again, "owner") is None

    wrapped = new_data_key(A, "owner")
    anew = rewrapped(ring, wrapped, "owner")
    assert anew is not None
    assert data_key(B, anew, "owner") == data_key(A, wrapped, "owner")
    assert rewrapped(ring, anew, "owner") is None
    for make in (resealed, rewrapped):
        with pytest.raises(CiphertextBroken):
            make(ring, encrypt(C, b"text", "owner"), "owner")
