"""A file that is there whole or not at all: whoever writes one for somebody begins here."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_IMODE

from shared.errors import PermanentError

_ANY = 0o666


class FileUnwritable(PermanentError):
    """A file can't be written where it was asked for."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"cannot use {path}: {error.strerror}")


class NoFileToReplace(PermanentError):
    """A file would take the place of something that is none."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is no file, so nothing was written there; name a file")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the name under which a file is written; behind the block it has its own.

    Where a link stands, what it leads to is replaced. Nobody may read it who couldn't read what it
    replaces. Of one that is killed a hidden file stays, which ends with .part.

    Raises:
        NoFileToReplace: a device, a pipe or the like stands there.
        FileUnwritable: it can't be written; nothing is left of it then.
    """
    place = Path(os.path.realpath(path))
    if place.exists() and not place.is_file():
        raise NoFileToReplace(path)
    torso = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        torso.touch(S_IMODE(place.stat().st_mode) if place.exists() else _ANY, exist_ok=False)
        yield torso
        torso.replace(place)
    except OSError as error:
        raise FileUnwritable(path, error) from error
    finally:
        with suppress(OSError):  # it isn't there: it has its name, or never came to be
            torso.unlink()
