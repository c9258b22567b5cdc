"""Exchanges a key that encrypts what is stored, while the services work on.

The file has the new key beside the old before anything is encrypted with it, and the old one beside
the new until nothing is left that needs it. Where an exchange stands is told by the file and the
rows alone, so one that was interrupted is gone on with by beginning it again.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

import asyncpg

from deploy.secrets import store as stored
from deploy.secrets.ring_file import RingFile, heard
from shared.errors import PermanentError
from shared.postgres.keys import exchange_proof
from shared.security.encryption import CiphertextBroken, resealed, rewrapped
from shared.security.key_ring import KeyRing
from shared.security.secrets import KEY_BYTES, SecretName, SecretStore

_BETWEEN_TRIES = timedelta(milliseconds=500)


@dataclass(frozen=True, slots=True)
class Sealed:
    """What stands in a database under a key of ours.

    Attributes:
        service: In whose schema.
        rows: The statements that read, keep and count it, by the name of the first.
        anew: Encrypts one anew where that is needed.
    """

    service: str
    rows: str
    anew: Callable[[KeyRing, bytes, str], bytes | None]


ROTATED: Mapping[SecretName, Sealed] = MappingProxyType(
    {
        SecretName.SEED_ENCRYPTION_KEY: Sealed("controlling", "periods", resealed),
        SecretName.CONTACT_MASTER_KEY: Sealed("notify", "contact_keys", rewrapped),
    }
)
"""The keys that can be exchanged, and what each has encrypted."""


class RowsUnreadable(PermanentError):
    """Something stored fits no key of the file; the old one can't be given up."""

    def __init__(self, name: SecretName, service: str, owners: Sequence[str]) -> None:
        super().__init__(
            f"{len(owners):,} things of {service} fit no key in {name.value} (first: {owners[0]}). "
            "All others are encrypted anew, and the old key stays in the file. Add the key that "
            "fits as a line 'old …', and begin again; docs/operations/keys.md"
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a round through the rows is."""

    done: int
    total: int


async def rotate(
    connection: asyncpg.Connection,
    store: SecretStore,
    name: SecretName,
    *,
    tell: Callable[[str], None],
    progress: Callable[[Progress], None] = lambda _: None,
) -> int:
    """Exchange a key from wherever its exchange stands; gives how many rows were encrypted anew.

    Args:
        connection: The operator's.
        store: The folder of the secrets that the services read.
        name: One of `ROTATED`.
        tell: Told each step.
        progress: Told of each batch.

    Raises:
        ExchangeRuns: another one is at work.
        RowsUnreadable: something fits neither key.
        SecretMissing, SecretMalformed, SecretsFileUnwritable: the file can't be used.
    """
    await stored.take_turn(connection)
    file = RingFile(store, name)
    file.recover()
    if not file.keys.others:
        file.write(file.keys.with_next(secrets.token_bytes(KEY_BYTES)))
        tell(f"a new {name.value} stands beside the present one")
    if file.keys.next is not None:
        await heard()
        file.write(file.keys.exchanged())
        tell("it encrypts from now on; the old one still decrypts")
    await heard()
    sealed = ROTATED[name]
    await stored.enter(connection, sealed.service)
    ring = KeyRing(store, name)
    changed = 0
    while more := await _round(connection, sealed, ring, name, progress):
        changed += more
        tell(f"{more:,} rows were encrypted anew")
    await exchange_proof(connection, name, ring.current)
    file.write(file.keys.alone())
    tell("nothing needs the old key any more; it is gone from the file")
    return changed


async def _round(
    connection: asyncpg.Connection,
    sealed: Sealed,
    ring: KeyRing,
    name: SecretName,
    progress: Callable[[Progress], None],
) -> int:
    """Go through all rows once; gives how many were not under the present key."""
    await _wait_for_writers(connection, sealed)
    total = await stored.count(connection, sealed.rows)
    unreadable: list[str] = []
    changed = done = 0
    last = ""
    while rows := await stored.some(connection, sealed.rows, last):
        anew: list[tuple[str, bytes, bytes]] = []
        for owner, ciphertext in rows:
            try:
                fresh = sealed.anew(ring, ciphertext, owner)
            except CiphertextBroken:
                unreadable.append(owner)
                continue
            if fresh is not None:
                anew.append((owner, ciphertext, fresh))
        if anew:
            await stored.keep(connection, sealed.rows, anew)
        changed += len(anew)
        done, last = done + len(rows), rows[-1]["owner"]
        progress(Progress(done, max(total, done)))
    if unreadable:
        raise RowsUnreadable(name, sealed.service, unreadable)
    return changed


async def _wait_for_writers(connection: asyncpg.Connection, sealed: Sealed) -> None:
    """Let transactions end that may have written with the key from before, and be seen."""
    while True:
        try:
            await stored.hold(connection, sealed.rows)
        except asyncpg.LockNotAvailableError:  # nobody waits behind us for long
            await asyncio.sleep(_BETWEEN_TRIES.total_seconds())
        else:
            return
