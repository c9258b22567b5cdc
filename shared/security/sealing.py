"""Sealed boxes: whoever has the public key can close one, only the private key opens it.

Intake seals an applicant's contact data for notify, so that no queue, log or proxy between them
can read it. The construction is HPKE (RFC 9180, base mode) with X25519, HKDF-SHA256 and
ChaCha20-Poly1305.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from shared.errors import PermanentError

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class SealBroken(PermanentError):
    """A sealed box was changed, cut, closed for another key or for another context."""


def new_sealing_pair() -> tuple[bytes, bytes]:
    """Make a public and a private key, 32 bytes each."""
    private_key = X25519PrivateKey.generate()
    return private_key.public_key().public_bytes_raw(), private_key.private_bytes_raw()


def public_key_of(private_key: bytes) -> bytes:
    """Give the public key of a private one, 32 bytes."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def seal(public_key: bytes, plaintext: bytes, context: bytes) -> bytes:
    """Close a box for the owner of the private key.

    Args:
        public_key: The receiver's X25519 key, 32 bytes.
        plaintext: What only the receiver may read.
        context: What the box belongs to; not in the box, and needed again to open it.
    """
    return _SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public_key), context)


def unseal(private_key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Open a box.

    Raises:
        SealBroken: The box isn't whole, or not meant for this key and context.
    """
    try:
        return _SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private_key), context)
    except InvalidTag:
        raise SealBroken(
            "a sealed box could not be opened: it was changed on its way, or sealed with a public "
            "key that doesn't belong to our private key"
        ) from None
