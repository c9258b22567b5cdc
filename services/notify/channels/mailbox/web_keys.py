"""Public keys as FIT-Connect gives them (JWK, RFC 7517), checked before they are used. Pure.

What a key must be: docs.fitko.de/fit-connect, cryptographic requirements (after BSI TR-02102-1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from joserfc import jwe
from joserfc.jwk import RSAKey
from pydantic import BaseModel, ValidationError

LEAST_BITS = 4096
_WRAPPED, _ENCRYPTED = "RSA-OAEP-256", "A256GCM"


class KeyRefused(Exception):
    """A key isn't one that may be used; the reason quotes nothing of it."""


class Use(Enum):
    """What a key is for: its algorithm and what its owner allows."""

    ENCRYPTION = (_WRAPPED, "wrapKey")
    SIGNATURES = ("PS512", "verify")


class _WebKey(BaseModel):
    kty: Literal["RSA"]
    alg: str
    kid: str
    key_ops: Sequence[str]
    n: str
    e: str
    d: None = None
    """A private key; whoever publishes it has lost it."""


@dataclass(frozen=True, slots=True)
class WebKey:
    """A key that may be used, and its name."""

    kid: str
    key: RSAKey


def read_key(jwk: object, use: Use) -> WebKey:
    """Check a key and take it.

    Raises:
        KeyRefused: It is none, a private one, for something else, or too short.
    """
    algorithm, operation = use.value
    try:
        found = _WebKey.model_validate(jwk)
    except ValidationError as error:
        fields = sorted({".".join(map(str, one["loc"])) for one in error.errors()})
        raise KeyRefused(f"no public RSA key: {', '.join(fields)}") from None
    if found.alg != algorithm or operation not in found.key_ops:
        raise KeyRefused(f"not a key for {algorithm} and {operation}")
    try:
        # Its operations are checked above; the library knows them by other names.
        key = RSAKey.import_key({"kty": found.kty, "n": found.n, "e": found.e})
        bits = key.public_key.key_size
    except ValueError:
        raise KeyRefused("no public RSA key: n, e") from None
    if bits < LEAST_BITS:
        raise KeyRefused(f"has {bits} bits; {LEAST_BITS} are the least")
    return WebKey(found.kid, key)


def encrypt(plaintext: bytes, key: WebKey) -> str:
    """Encrypt JSON for the owner of a key (JWE in its compact form, RFC 7516)."""
    header = {"alg": _WRAPPED, "enc": _ENCRYPTED, "kid": key.kid, "cty": "application/json"}
    return jwe.encrypt_compact(header, plaintext, key.key, algorithms=[_WRAPPED, _ENCRYPTED])


def keys_of(document: object) -> Mapping[str, WebKey]:
    """Give the keys for signatures of a JWK set by name; what may not be used is left out."""
    listed = document.get("keys") if isinstance(document, dict) else None
    found = {}
    for jwk in listed if isinstance(listed, list) else []:
        try:
            key = read_key(jwk, Use.SIGNATURES)
        except KeyRefused:
            continue
        found[key.kid] = key
    return found
