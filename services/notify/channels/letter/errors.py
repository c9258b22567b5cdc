"""What can go wrong with letters."""

from datetime import datetime

from shared.errors import TransientError


class RunUnacknowledged(TransientError):
    """A printer hasn't said for long what became of letters."""

    def __init__(self, since: datetime) -> None:
        super().__init__(
            f"letters lie in the print folder since {since:%Y-%m-%d %H:%M} UTC and the printer has "
            "not acknowledged them; ask it, see docs/operations/printer.md"
        )
