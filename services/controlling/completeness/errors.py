"""What can be wrong with the frame."""

from shared.errors import PermanentError


class FrameIncomplete(PermanentError):
    """Somebody else counted another number of decisions than the frame holds."""

    def __init__(self, gaps: int) -> None:
        super().__init__(
            f"the frame differs from what was counted in {gaps} weeks of units; "
            "'gleichfall reconcile' tells whether events are under way or were lost"
        )
