"""Exchanges a key that encrypts what is stored, while the services work on.

The file has the new key beside the old before anything is encrypted with it, and the old one beside
the new until nothing is left that needs it. Where an exchange stands is told by the file and the
rows alone, so one that was interrupted is gone on with by beginning it again.
"""

import asyncio
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

import asyncpg

from shared.errors import PermanentError, TransientError
from shared.postgres.keys import exchange_proof
from shared.postgres.queries import load
from shared.security.encryption import CiphertextBroken, resealed, rewrapped
from shared.security.key_ring import LOOK, KeyRing, Keys, Place, read_keys
from shared.security.secrets import KEY_BYTES, SecretName, SecretStore

QUERIES = load(__file__)

HEARD = LOOK * 3
"""After so long every process that runs goes by what the file says."""

_BATCH = 1_000
_BETWEEN_TRIES = timedelta(milliseconds=500)
_TURN = 0x726F7461


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


class ExchangeRuns(TransientError):
    """Another exchange works on the same database."""

    def __init__(self) -> None:
        super().__init__("another exchange of a key runs on this database; let it end first")


class RowsUnreadable(PermanentError):
    """Something stored fits no key of the file; the old one can't be given up."""

    def __init__(self, name: SecretName, service: str, owners: Sequence[str]) -> None:
        super().__init__(
            f"{len(owners):,} things of {service} fit no key in {name.value} (first: {owners[0]}). "
            "All others are encrypted anew, and the old key stays in the file. Add the key that "
            "fits as a line 'old …', and begin again; docs/operations/keys.md"
        )


class SecretsFileUnwritable(PermanentError):
    """The file of a key can't be written."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"cannot write {path}: {error.strerror}; nothing was changed in it")


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
    if not await connection.fetchval(QUERIES["take_turn"], _TURN):
        raise ExchangeRuns
    file = _File(store, name)
    file.recover()
    if not read_keys(store, name).others:
        file.write(_with_next(read_keys(store, name)))
        tell(f"a new {name.value} stands beside the present one")
    if any(place is Place.NEXT for place, _ in read_keys(store, name).others):
        await asyncio.sleep(HEARD.total_seconds())
        file.write(_exchanged(read_keys(store, name)))
        tell("it encrypts from now on; the old one still decrypts")
    await asyncio.sleep(HEARD.total_seconds())
    sealed = ROTATED[name]
    await connection.execute(QUERIES["enter"], sealed.service)
    ring = KeyRing(store, name)
    changed = 0
    while more := await _round(connection, sealed, ring, name, progress):
        changed += more
        tell(f"{more:,} rows were encrypted anew")
    await exchange_proof(connection, name, ring.current)
    file.write(Keys(ring.current))
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
    total = await connection.fetchval(QUERIES[f"count_{sealed.rows}"])
    unreadable: list[str] = []
    changed = done = 0
    last = ""
    while rows := await connection.fetch(QUERIES[sealed.rows], last, _BATCH):
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
            await connection.execute(
                QUERIES[f"keep_{sealed.rows}"], *map(list, zip(*anew, strict=True))
            )
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
            async with connection.transaction():
                await connection.execute(QUERIES["wait_shortly"])
                await connection.execute(QUERIES[f"hold_{sealed.rows}"])
        except asyncpg.LockNotAvailableError:  # nobody waits behind us for long
            await asyncio.sleep(_BETWEEN_TRIES.total_seconds())
        else:
            return


def _with_next(keys: Keys) -> Keys:
    return Keys(keys.current, ((Place.NEXT, secrets.token_bytes(KEY_BYTES)), *keys.others))


def _exchanged(keys: Keys) -> Keys:
    [fresh, *_] = [key for place, key in keys.others if place is Place.NEXT]
    kept = [(place, key) for place, key in keys.others if place is Place.OLD]
    return Keys(fresh, ((Place.OLD, keys.current), *kept))


class _File:
    """The file of a key, written in its place: containers mount it alone, and would keep another.

    A copy is there while it is written, so that no moment is without the keys.
    """

    def __init__(self, store: SecretStore, name: SecretName) -> None:
        self._path = store.directory / name.value
        self._copy = self._path.with_suffix(".being-exchanged")

    def recover(self) -> None:
        """Put the copy back where a run ended in the midst of writing."""
        try:
            if self._copy.exists():
                _write(self._path, self._copy.read_text(encoding="ascii"))
                self._copy.unlink()
        except OSError as error:
            raise SecretsFileUnwritable(self._path, error) from error

    def write(self, keys: Keys) -> None:
        """Write it."""
        try:
            before = self._path.read_text(encoding="ascii")
            draft = self._path.with_suffix(".draft")
            draft.touch(mode=0o600)
            _write(draft, before)
            draft.rename(self._copy)
            _write(self._path, keys.text)
            self._copy.unlink()
        except OSError as error:
            raise SecretsFileUnwritable(self._path, error) from error


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        content = text.encode("ascii")
        os.pwrite(descriptor, content, 0)
        os.ftruncate(descriptor, len(content))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
