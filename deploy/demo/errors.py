"""What the demo refuses."""

from shared.errors import PermanentError


class NotInProduction(PermanentError):
    """Nobody is invented where real people review."""

    def __init__(self) -> None:
        super().__init__(
            "in production (GLEICHFALL_PRODUCTION) nobody is invented; try it on the local stack"
        )
