"""What several rooms find wrong with a period."""

from shared.errors import PermanentError


class PeriodUnknown(PermanentError):
    """That period was never opened."""

    def __init__(self, key: str) -> None:
        super().__init__(f"there is no review period {key}; a period is named like 2026-05")


class PolicyNotKept(PermanentError):
    """A period was opened by a version that didn't keep the policy with it."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the review period {key} was opened before policies were kept with their periods; "
            "its draw can't be replayed from outside, so it stays open"
        )
