"""Why the last run ended by itself, in room that was taken before the disk was full."""

import os
from pathlib import Path

_ROOM = 4096


def reserve(path: Path) -> None:
    """Take the room, with nothing told in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b" " * _ROOM)


def note(path: Path, reason: str) -> None:
    """Tell why, in the place of what was told before."""
    told = reason.encode()[:_ROOM].ljust(_ROOM)
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(descriptor, told, 0)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def told(path: Path) -> str:
    """Give why the last run ended; empty when it was stopped, or never was."""
    try:
        return path.read_text(encoding="utf-8", errors="ignore").strip()
    except FileNotFoundError:
        return ""
