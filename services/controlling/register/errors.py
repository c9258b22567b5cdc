"""What can be wrong with a decision that is registered."""

from shared.errors import PermanentError


class DecisionKnown(PermanentError):
    """A decision id was used twice: one of two decisions would be missing from the frame."""

    def __init__(self, expected: int, registered: int) -> None:
        super().__init__(
            f"{expected - registered} of {expected} decisions carry an id that is registered "
            "already; the source system must give each decision its own id"
        )
