"""What can be wrong with a round of twins."""

from shared.errors import PermanentError


class RoundUnknown(PermanentError):
    """A round that was asked for isn't there."""

    def __init__(self, number: int, rounds: int) -> None:
        there = f"there are {rounds}" if rounds else "there is none yet"
        super().__init__(f"there is no round {number} of twins; {there}: gleichfall draw twins")


class RoundDiffers(PermanentError):
    """What is recorded of a round isn't what its seeds and its budget give."""

    def __init__(self, number: int, differences: int) -> None:
        lines = "1 line" if differences == 1 else f"{differences} lines"
        super().__init__(f"round {number} isn't drawn as recorded: {lines} above")
