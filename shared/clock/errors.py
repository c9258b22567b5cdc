"""What keeps from doing what can't be undone."""

from shared.errors import TransientError


class ClockDoubtful(TransientError):
    """The time can't be believed."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"{reason}. What can't be undone waits. Put the clock right; if it is right, say so: "
            "gleichfall clock accept"
        )
