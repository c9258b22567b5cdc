"""What measures refuse."""

from shared.errors import PermanentError


class MeasureRefused(PermanentError):
    """Something can't be done with a measure; nothing has changed."""


class MeasureUnknown(MeasureRefused):
    """There is no such measure, or it is another unit's: which of the two isn't told."""

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no measure {number} that you may see; go back to the list")


class ActUnfit(MeasureRefused):
    """The measure isn't in a state in which this can be done."""

    def __init__(self, act: str, state: str) -> None:
        super().__init__(f"{act} can't be done with a measure that is {state}; look at it again")


class FindingsUnfit(MeasureRefused):
    """The findings can't be what one measure is agreed on."""

    def __init__(self) -> None:
        super().__init__("a measure needs findings that stand and are about one question")


class ReasonMissing(MeasureRefused):
    """A measure was dropped without saying why."""

    def __init__(self) -> None:
        super().__init__("give a reason")
