"""Room on the disk, asked for before anything is half written."""

import shutil
from pathlib import Path

from deploy.local.errors import NoSpace

MEGABYTE = 1_000_000
# Kafka's first segments, PostgreSQL's cluster and write-ahead log, and room for an imported log.
NEEDED_MEGABYTES = 500


def require(folder: Path, megabytes: int) -> int:
    """The megabytes free for `folder`, which need not exist yet.

    Raises:
        NoSpace: when there are fewer than `megabytes`.
    """
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free // MEGABYTE
    if free < megabytes:
        raise NoSpace(folder, megabytes, free)
    return free
