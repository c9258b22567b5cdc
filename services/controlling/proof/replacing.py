"""A file that is there whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.controlling.proof.errors import ExportInaccessible


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the name under which a file is written; behind the block it has its own.

    Raises:
        ExportInaccessible: it can't be written; nothing is left of it then.
    """
    torso = path.with_name(f"{path.name}.part")
    try:
        yield torso
        torso.replace(path)
    except OSError as error:
        raise ExportInaccessible(path, error) from error
    finally:
        torso.unlink(missing_ok=True)
