"""A key proves at the start that it is the one with which the database was begun.

With another one a service would take its work for broken: seeds, contacts, pseudonyms that don't
fit. So it doesn't start. What is kept is a keyed digest of the key's name (HMAC, RFC 2104), from
which the key doesn't follow.
"""

import hmac
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256

import asyncpg
from pydantic import SecretBytes

from shared.errors import PermanentError
from shared.postgres.pool import Pool, enter_schema
from shared.postgres.queries import load
from shared.security.key_ring import KeyRing
from shared.security.secrets import SecretName

QUERIES = load(__file__)


class KeyDiffers(PermanentError):
    """A key isn't the one with which the service began."""

    def __init__(self, service: str, names: Collection[str]) -> None:
        told = " and ".join(sorted(names))
        super().__init__(
            f"{told} of {service} is not what it was when this database was begun, and "
            "fits nothing in it. Put the old one back from the backup; docs/operations/keys.md "
            "says what to do if there is none"
        )


async def prove_keys(
    pool: Pool, service: str, keys: Mapping[SecretName, SecretBytes | KeyRing]
) -> None:
    """Hold keys against those with which this service's database was begun, or note them as such.

    Of a ring that is being exchanged, any key may be the one.

    Args:
        pool: Connections as the service's role.
        service: Whose they are, for what is told.
        keys: By the name of their secret.

    Raises:
        KeyDiffers: one of them is another.
    """
    given = {name: [_proof(one, name) for one in _every(key)] for name, key in keys.items()}
    await pool.execute(QUERIES["note_proofs"], list(given), [first for first, *_ in given.values()])
    kept = await pool.fetch(QUERIES["proofs"], list(given))
    differing = {
        row["name"]
        for row in kept
        if not any(hmac.compare_digest(row["proof"], one) for one in given[row["name"]])
    }
    if differing:
        raise KeyDiffers(service, differing)


async def forget_proofs(
    connection: asyncpg.Connection, services: Collection[str], names: Collection[str]
) -> Mapping[str, Collection[str]]:
    """Let services take the keys that they find at their next start; tells whose were known."""
    known = {}
    async with connection.transaction():
        for service in services:
            await enter_schema(connection, service)
            rows = await connection.fetch(QUERIES["forget_proofs"], list(names))
            known[service] = [row["name"] for row in rows]
    return known


async def exchange_proof(connection: asyncpg.Connection, name: SecretName, key: bytes) -> None:
    """Let a key be the one that is proved from now on, in the schema that was entered."""
    await connection.execute(QUERIES["exchange_proof"], name.value, _proof(key, name))


def _every(key: SecretBytes | KeyRing) -> Sequence[bytes]:
    return key.every if isinstance(key, KeyRing) else (key.get_secret_value(),)


def _proof(key: bytes, name: str) -> bytes:
    return hmac.digest(key, b"gleichfall key proof\0" + name.encode(), sha256)
