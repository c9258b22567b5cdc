"""What can be wrong with closing a period."""

from datetime import date, datetime

from shared.errors import PermanentError, TransientError


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


class TimeStampServiceAway(TransientError):
    """Who states the time of commitments doesn't answer as it should."""

    def __init__(self, url: str, cause: str) -> None:
        super().__init__(
            f"the time stamping service at {url} does not answer ({cause}); commitments wait"
        )
