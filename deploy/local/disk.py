"""Room on the disk, asked for before anything is half written."""

import shutil
from pathlib import Path

from deploy.local.errors import NoSpace

MEGABYTE = 1_000_000
# Kafka's first segments, PostgreSQL's cluster and write-ahead log, and room for an imported log.
NEEDED_MEGABYTES = 500
_RELIED_ON = 20


def is_full(folder: Path) -> bool:
    """Whether so little is left that nothing can be relied on to be written."""
    return _free(folder) < _RELIED_ON


def require(folder: Path, megabytes: int) -> int:
    """The megabytes free for `folder`, which need not exist yet.

    Raises:
        NoSpace: when there are fewer than `megabytes`.
    """
    free = _free(folder)
    if free < megabytes:
        raise NoSpace(folder, megabytes, free)
    return free


def _free(folder: Path) -> int:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(existing).free // MEGABYTE
