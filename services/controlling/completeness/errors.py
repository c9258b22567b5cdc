"""What can be wrong with the frame."""

from shared.errors import PermanentError


class FrameIncomplete(PermanentError):
    """Counts differ from what the frame holds, or two stories of one thing aren't settled."""

    def __init__(self, gaps: int, unsettled: int) -> None:
        missing = (
            f"the frame differs from what was counted in {gaps} weeks of units: "
            "'gleichfall reconcile' tells whether events are under way or were lost"
        )
        open_ = f"{unsettled} findings wait for 'gleichfall frame settle'"
        super().__init__("; ".join([*([missing] if gaps else []), *([open_] if unsettled else [])]))


class FindingUnknown(PermanentError):
    """There is nothing of that name to settle."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the frame has no finding {name}; 'gleichfall frame check' names them")
