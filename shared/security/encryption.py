"""Encryption at rest, with one key per owner, so that destroying a key erases its owner's data.

A data key belongs to one applicant and is stored wrapped: encrypted under the master key. When
the wrapped key is deleted, every ciphertext of that applicant is noise, in the database, its
backups and anywhere else (crypto-shredding).
"""

import hmac
import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import PermanentError

_KEY_BITS = 256
_NONCE_BYTES = 12
_WRAPPING = b"data-key\0"
_FINGERPRINT = b"fingerprint\0"


class CiphertextBroken(PermanentError):
    """A ciphertext was changed, cut, or made with another key or for another owner."""


class KeyDestroyed(PermanentError):
    """The owner's key was destroyed on purpose: the data is erased for ever."""


def encrypt(key: bytes, plaintext: bytes, owner: str) -> bytes:
    """Encrypt with AES-256-GCM under a random nonce.

    Args:
        key: 32 bytes: a data key, or a key from the secrets.
        plaintext: What to protect.
        owner: What the data belongs to (a contact_ref, a period); bound to the ciphertext, so that
            it can't be moved to another owner.
    """
    return _encrypt(key, plaintext, owner.encode())


def decrypt(key: bytes, ciphertext: bytes, owner: str) -> bytes:
    """Undo `encrypt`.

    Raises:
        CiphertextBroken: Any bit, the key or the owner differs.
    """
    return _decrypt(key, ciphertext, owner.encode())


def new_data_key(master: bytes, owner: str) -> bytes:
    """Make a data key for `owner` and give it wrapped, ready to be stored."""
    return _encrypt(master, AESGCM.generate_key(_KEY_BITS), _WRAPPING + owner.encode())


def data_key(master: bytes, wrapped: bytes | None, owner: str) -> bytes:
    """Unwrap the data key of `owner`.

    Args:
        master: The master key, 32 bytes.
        wrapped: What `new_data_key` gave, or None when it has been destroyed.
        owner: The same owner as then.

    Raises:
        KeyDestroyed: There is no wrapped key any more.
        CiphertextBroken: The wrapped key is damaged or another owner's.
    """
    if wrapped is None:
        raise KeyDestroyed(f"the key of {owner} was destroyed; its data is erased for ever")
    return _decrypt(master, wrapped, _WRAPPING + owner.encode())


def fingerprint(key: bytes, text: str) -> str:
    """Give what tells whether two texts are the same to who has the key, and nothing else."""
    return hmac.new(key, _FINGERPRINT + text.encode(), sha256).hexdigest()


def _encrypt(key: bytes, plaintext: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, bound)


def _decrypt(key: bytes, ciphertext: bytes, bound: bytes) -> bytes:
    nonce, body = ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:]
    if len(nonce) < _NONCE_BYTES:
        raise CiphertextBroken("a ciphertext is shorter than its nonce: it was cut")
    try:
        return AESGCM(key).decrypt(nonce, body, bound)
    except InvalidTag:
        raise CiphertextBroken(
            "a ciphertext could not be decrypted: it was changed, or the key or owner is another"
        ) from None
