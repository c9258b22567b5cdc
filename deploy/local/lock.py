"""One holder at a time: a lock on a file that ends with its last holder, however it ends."""

import fcntl
import os
import time
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.errors import DirectoryInUse

POLL = timedelta(milliseconds=50)


class FileLock:
    """An exclusive `flock`, optionally with the holder's process id inside the file.

    The kernel releases it when the last process that holds its descriptor is gone. So a pid
    read from a locked file is never a recycled one, and children that inherit the descriptor
    keep the lock until they are gone too.
    """

    def __init__(self, path: Path, *, patience: timedelta = timedelta()) -> None:
        self._path = path
        self._patience = patience
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """The open descriptor, to be inherited by children."""
        if self._descriptor is None:
            raise DirectoryInUse(self._path.parent)
        return self._descriptor

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + self._patience.total_seconds()
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline:
                os.close(descriptor)
                raise DirectoryInUse(self._path.parent)
            time.sleep(POLL.total_seconds())
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._descriptor = descriptor
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def holder(path: Path) -> int | None:
    """The process id of the living holder of the lock at `path`, None when it is free."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        if _try_lock(descriptor):
            return None
        content = os.pread(descriptor, 20, 0)
        return int(content) if content else None
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
