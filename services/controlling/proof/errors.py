"""What can be wrong with an exported draw."""

from pathlib import Path

from shared.errors import PermanentError


class PeriodOpen(PermanentError):
    """A period whose seed is secret has nothing to verify yet."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the review period {key} is still open; "
            f"export it when it is over and closed: gleichfall draw close {key}"
        )


class NoPeriodClosed(PermanentError):
    """The last closed period was asked for, and there is none."""

    def __init__(self) -> None:
        super().__init__("no review period is closed yet: gleichfall draw close PERIOD")


class DrawDiffers(PermanentError):
    """The replay of a draw gave something else than its record."""

    def __init__(self, differences: int) -> None:
        super().__init__(
            f"the draw can't be confirmed: {differences} differences; "
            "show them to the staff council and the internal audit"
        )


class ExportInaccessible(PermanentError):
    """The file of an export can't be written or read."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"cannot use {path}: {error.strerror}")
