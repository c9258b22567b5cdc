"""The log files of processes: one for each run and process, of which some earlier ones are kept.

`notify.log` is a link to the file of the run at hand, `runs/notify.<when it began>.log`. A file
that grows too long is cut: what it holds moves to `runs/notify.<when it was cut>.log`.
"""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

_RUNS = "runs"
KEPT = 5
"""Files of a process that stay, the one at hand among them."""
LARGEST = 32 * 1024 * 1024
"""Bytes, after which a file is cut."""


def begin(log: Path) -> BinaryIO:
    """Open a file for a run that begins, and let `log` lead to it.

    What is written is put at its end, wherever that is, so that it can be cut meanwhile.
    """
    (log.parent / _RUNS).mkdir(parents=True, exist_ok=True)
    file = _named_now(log)
    output = file.open("ab")
    draft = log.with_suffix(".link")
    draft.unlink(missing_ok=True)
    draft.symlink_to(Path(_RUNS, file.name))
    draft.replace(log)
    _forget(log)
    return output


def cut_large(folder: Path) -> None:
    """Cut the files at hand that have grown too long.

    A line that is written in the moment between the copy's end and the cut is lost.
    """
    for log in folder.glob("*.log"):
        if log.is_symlink() and log.exists() and log.stat().st_size > LARGEST:
            _cut(log)
            _forget(log)


def _cut(log: Path) -> None:
    """Move what a file holds; where the disk is full, it stays."""
    earlier = _named_now(log)
    try:
        with log.open("rb") as whole, earlier.open("wb") as copy:
            shutil.copyfileobj(whole, copy)
            copy.flush()
            os.truncate(log, 0)
    except OSError:
        earlier.unlink(missing_ok=True)


def _forget(log: Path) -> None:
    """Remove the oldest files of a process."""
    earlier = [
        one for one in (log.parent / _RUNS).glob(f"{log.stem}.*.log") if one != log.resolve()
    ]
    earlier.sort(key=lambda one: one.stat().st_mtime_ns, reverse=True)
    for one in earlier[KEPT - 1 :]:
        one.unlink(missing_ok=True)


def _named_now(log: Path) -> Path:
    return log.parent / _RUNS / f"{log.stem}.{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.log"
