"""Encryption at rest, with one key per owner, so that destroying a key erases its owner's data.

A data key belongs to one applicant and is stored wrapped: encrypted under the master key. When
the wrapped key is deleted, every ciphertext of that applicant is noise, in the database, its
backups and anywhere else (crypto-shredding).
"""

import hmac
import os
from contextlib import suppress
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import PermanentError
from shared.security.key_ring import Key, KeyRing, decrypting, encrypting

_KEY_BITS = 256
_NONCE_BYTES = 12
_WRAPPING = b"data-key\0"
_FINGERPRINT = b"fingerprint\0"


class CiphertextBroken(PermanentError):
    """A ciphertext was changed, cut, or made with another key or for another owner."""


class KeyDestroyed(PermanentError):
    """The owner's key was destroyed on purpose: the data is erased for ever."""


def encrypt(key: Key, plaintext: bytes, owner: str) -> bytes:
    """Encrypt with AES-256-GCM under a random nonce.

    Args:
        key: A data key, or keys from the secrets.
        plaintext: What to protect.
        owner: What the data belongs to (a contact_ref, a period); bound to the ciphertext, so that
            it can't be moved to another owner.
    """
    return _encrypt(key, plaintext, owner.encode())


def decrypt(key: Key, ciphertext: bytes, owner: str) -> bytes:
    """Undo `encrypt`.

    Raises:
        CiphertextBroken: Any bit, the key or the owner differs.
    """
    return _decrypt(key, ciphertext, owner.encode())


def new_data_key(master: Key, owner: str) -> bytes:
    """Make a data key for `owner` and give it wrapped, ready to be stored."""
    return _encrypt(master, AESGCM.generate_key(_KEY_BITS), _WRAPPING + owner.encode())


def data_key(master: Key, wrapped: bytes | None, owner: str) -> bytes:
    """Unwrap the data key of `owner`.

    Args:
        master: The master key, or all that may have wrapped it.
        wrapped: What `new_data_key` gave, or None when it has been destroyed.
        owner: The same owner as then.

    Raises:
        KeyDestroyed: There is no wrapped key any more.
        CiphertextBroken: The wrapped key is damaged or another owner's.
    """
    if wrapped is None:
        raise KeyDestroyed(f"the key of {owner} was destroyed; its data is erased for ever")
    return _decrypt(master, wrapped, _WRAPPING + owner.encode())


def resealed(key: KeyRing, ciphertext: bytes, owner: str) -> bytes | None:
    """Encrypt anew what another key than the present one has encrypted; None if nothing is to do.

    Raises:
        CiphertextBroken: No key fits.
    """
    return _anew(key, ciphertext, owner.encode())


def rewrapped(master: KeyRing, wrapped: bytes, owner: str) -> bytes | None:
    """Wrap a data key anew that another key than the present one has wrapped, likewise.

    Raises:
        CiphertextBroken: No key fits.
    """
    return _anew(master, wrapped, _WRAPPING + owner.encode())


def fingerprint(key: bytes, text: str) -> str:
    """Give what tells whether two texts are the same to who has the key, and nothing else."""
    return hmac.new(key, _FINGERPRINT + text.encode(), sha256).hexdigest()


def _anew(key: KeyRing, ciphertext: bytes, bound: bytes) -> bytes | None:
    current = key.current
    try:
        _decrypt(current, ciphertext, bound)
    except CiphertextBroken:
        return _encrypt(current, _decrypt(key, ciphertext, bound), bound)
    return None


def _encrypt(key: Key, plaintext: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(encrypting(key)).encrypt(nonce, plaintext, bound)


def _decrypt(key: Key, ciphertext: bytes, bound: bytes) -> bytes:
    nonce, body = ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:]
    if len(nonce) < _NONCE_BYTES:
        raise CiphertextBroken("a ciphertext is shorter than its nonce: it was cut")
    for candidate in decrypting(key):
        with suppress(InvalidTag):
            return AESGCM(candidate).decrypt(nonce, body, bound)
    raise CiphertextBroken(
        "a ciphertext could not be decrypted: it was changed, or the key or owner is another"
    )
