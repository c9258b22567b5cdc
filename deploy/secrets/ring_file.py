"""The file of a secret that is being exchanged."""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

from shared.errors import PermanentError
from shared.security.key_ring import LOOK, Keys, read_keys
from shared.security.secrets import SecretName, SecretStore

HEARD = LOOK * 3
"""After so long every process that runs goes by what the file says."""


class SecretsFileUnwritable(PermanentError):
    """The file of a key can't be written."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"cannot write {path}: {error.strerror}; nothing was changed in it")


async def heard(longer: timedelta = timedelta()) -> None:
    """Wait until every process goes by what the file says, and what began before has ended."""
    await asyncio.sleep((HEARD + longer).total_seconds())


class RingFile:
    """The file of a key, written in its place: containers mount it alone, and would keep another.

    A copy is there while it is written, so that no moment is without the keys.
    """

    def __init__(self, store: SecretStore, name: SecretName) -> None:
        self._path = store.directory / name.value
        self._store, self.name = store, name
        self._copy = self._path.with_suffix(".being-exchanged")

    @property
    def keys(self) -> Keys:
        """What it holds.

        Raises:
            SecretMissing, SecretMalformed: it can't be used.
        """
        return read_keys(self._store, self.name)

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
