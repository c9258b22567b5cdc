"""A key proves at the start that it is the one with which the database was begun.

With another one a service would take its work for broken: seeds, contacts, pseudonyms that don't
fit. So it doesn't start. What is kept is a keyed digest of the key's name (HMAC, RFC 2104), from
which the key doesn't follow.
"""

import hmac
from collections.abc import Collection, Mapping
from hashlib import sha256

import asyncpg
from pydantic import SecretBytes

from shared.errors import PermanentError
from shared.postgres.pool import Pool, enter_schema
from shared.postgres.queries import load
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


async def prove_keys(pool: Pool, service: str, keys: Mapping[SecretName, SecretBytes]) -> None:
    """Hold keys against those with which this service's database was begun, or note them as such.

    Args:
        pool: Connections as the service's role.
        service: Whose they are, for what is told.
        keys: By the name of their secret.

    Raises:
        KeyDiffers: one of them is another.
    """
    given = {name: _proof(key.get_secret_value(), name) for name, key in keys.items()}
    await pool.execute(QUERIES["note_proofs"], list(given), list(given.values()))
    kept = await pool.fetch(QUERIES["proofs"], list(given))
    differing = {
        row["name"] for row in kept if not hmac.compare_digest(row["proof"], given[row["name"]])
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


def _proof(key: bytes, name: str) -> bytes:
    return hmac.digest(key, b"gleichfall key proof\0" + name.encode(), sha256)
