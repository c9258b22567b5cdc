"""What can be wrong in controlling."""

from datetime import date, datetime
from pathlib import Path

from shared.errors import PermanentError


class DecisionKnown(PermanentError):
    """A decision id was used twice: one of two decisions would be missing from the frame."""

    def __init__(self, expected: int, registered: int) -> None:
        super().__init__(
            f"{expected - registered} of {expected} decisions carry an id that is registered "
            "already; the source system must give each decision its own id"
        )


class PeriodUnknown(PermanentError):
    """No decision of that period was ever registered."""

    def __init__(self, key: str) -> None:
        super().__init__(f"there is no review period {key}; a period is named like 2026-05")


class PeriodNotOver(PermanentError):
    """A seed that is revealed too early would let deciders foresee the draw."""

    def __init__(self, key: str, last_day: date) -> None:
        super().__init__(
            f"the review period {key} is not over: it lasts until {last_day}; "
            "its seed stays secret until then"
        )


class PeriodClosed(PermanentError):
    """A closed period stays closed: its seed is public."""

    def __init__(self, key: str, closed_at: datetime) -> None:
        super().__init__(
            f"the review period {key} was closed on {closed_at:%Y-%m-%d}; "
            "its seed is public, so it can neither be closed again nor reopened"
        )


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


class PolicyNotKept(PermanentError):
    """A period was opened by a version that didn't keep the policy with it."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the review period {key} was opened before policies were kept with their periods; "
            "its draw can't be replayed from outside, so it stays open"
        )


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


class FrameIncomplete(PermanentError):
    """Somebody else counted another number of decisions than the frame holds."""

    def __init__(self, gaps: int) -> None:
        super().__init__(
            f"the frame differs from what was counted in {gaps} weeks of units; "
            "'gleichfall reconcile' tells whether events are under way or were lost"
        )
