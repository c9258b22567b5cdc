"""What can be wrong with an exported draw."""

from datetime import date
from pathlib import Path

from shared.errors import PermanentError


class NoPeriodClosed(PermanentError):
    """The last closed period was asked for, and there is none."""

    def __init__(self) -> None:
        super().__init__("no review period is closed yet: gleichfall draw close PERIOD")


class HeadUnstamped(PermanentError):
    """A stamp was asked for that there isn't."""

    def __init__(self, key: str, day: date) -> None:
        super().__init__(f"there is no time stamp on a head of {day} of the period {key}")


class DrawDiffers(PermanentError):
    """The replay of a draw gave something else than its record."""

    def __init__(self, differences: int) -> None:
        super().__init__(
            f"the draw can't be confirmed. Differences: {differences}. "
            "Show them to the staff council and the internal audit"
        )


class ExportInaccessible(PermanentError):
    """The file of an export can't be read."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"cannot use {path}: {error.strerror}")
