"""Signatures by Ed25519 (RFC 8032): anyone can check them, nobody can forge them."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_FIELD, _SIGN = 2**255 - 19, 2**255
_EIGHTH = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER = frozenset({0, 1, _FIELD - 1, _EIGHTH, _FIELD - _EIGHTH})
"""The ordinates of the eight points whose order divides the cofactor."""


def public_key_of(private_key: bytes) -> bytes:
    """Give the 32 bytes with which signatures of a private key are checked."""
    return Ed25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def sign(private_key: bytes, message: bytes) -> bytes:
    """Sign with a private key of 32 bytes; the signature has 64."""
    return Ed25519PrivateKey.from_private_bytes(private_key).sign(message)


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the owner of the public key signed exactly this message, strictly.

    As the equation of RFC 8032, 5.1.7, without its cofactor; S below the group's order; both points
    in their one encoding and of no small order, under which one signature fits many messages
    (Chalkias, Garillot, Nikolaenko: Taming the many EdDSAs, 2020).
    """
    if not _is_strict(public_key) or not _is_strict(signature[:32]):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _is_strict(point: bytes) -> bool:
    ordinate = int.from_bytes(point, "little") % _SIGN
    return ordinate < _FIELD and ordinate not in _SMALL_ORDER
