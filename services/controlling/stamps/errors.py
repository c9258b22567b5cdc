"""What can be wrong when a time stamp is asked for."""

from shared.configuration.shown_address import shown_address
from shared.errors import TransientError


class TimeStampServiceAway(TransientError):
    """Who states the time of commitments and heads doesn't answer as it should."""

    def __init__(self, url: str, cause: str) -> None:
        super().__init__(
            f"the time stamping service at {shown_address(url)} does not answer ({cause}); "
            "commitments and heads wait"
        )
