"""A file that is there whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from services.controlling.proof.errors import ExportInaccessible, NoFileToReplace


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the name under which a file is written; behind the block it has its own.

    Where a link stands, what it leads to is replaced. Of one that is killed a hidden file stays,
    which ends with .part.

    Raises:
        NoFileToReplace: a device, a pipe or the like stands there.
        ExportInaccessible: it can't be written; nothing is left of it then.
    """
    place = Path(os.path.realpath(path))
    if place.exists() and not place.is_file():
        raise NoFileToReplace(path)
    torso = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        yield torso
        torso.replace(place)
    except OSError as error:
        raise ExportInaccessible(path, error) from error
    finally:
        with suppress(OSError):  # it isn't there: it has its name, or never came to be
            torso.unlink()
