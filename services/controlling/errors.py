"""What several rooms find wrong with a period."""

from datetime import date

from shared.errors import PermanentError


class PeriodUnknown(PermanentError):
    """That period was never opened."""

    def __init__(self, key: str) -> None:
        super().__init__(f"there is no review period {key}; a period is named like 2026-05")


class PeriodOpen(PermanentError):
    """A period isn't closed: its seed is secret, and its sample may grow."""

    def __init__(self, key: str, first_day: date, last_day: date) -> None:
        super().__init__(
            f"the review period {key} lasts from {first_day} to {last_day} and isn't closed yet; "
            "when it is over it closes by itself after its days of grace, or at once by "
            f"'gleichfall draw close {key}': ask again then"
        )


class PolicyNotKept(PermanentError):
    """A period was opened by a version that didn't keep the policy with it."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the review period {key} was opened before policies were kept with their periods; "
            "its draw can't be replayed from outside, so it stays open"
        )
