"""What can be wrong with an event log that is written."""

from pathlib import Path

from shared.errors import PermanentError


class FileThere(PermanentError):
    """A file would be replaced that nobody said may be."""

    exit_code = 2

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is there already, and nothing was written; name another file, or say --force "
            "to replace it"
        )
