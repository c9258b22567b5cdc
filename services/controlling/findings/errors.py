"""What a finding refuses."""

from shared.errors import PermanentError


class FindingRefused(PermanentError):
    """Something can't be done with a finding; nothing has changed."""


class FindingUnknown(FindingRefused):
    """There is no such finding, it can't be shown now, or it is another unit's."""

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no finding {number}; look for it in the list")


class FindingChanged(FindingRefused):
    """Somebody else did something with it since it was read."""

    def __init__(self, number: int) -> None:
        super().__init__(f"finding {number} has changed meanwhile; read it again")


class StepUnfit(FindingRefused):
    """The finding isn't in a state in which this can be done."""

    def __init__(self, step: str, state: str) -> None:
        super().__init__(f"{step} can't be done with a finding that is {state}; read it again")


class ReasonsMissing(FindingRefused):
    """Who contradicts says why."""

    def __init__(self) -> None:
        super().__init__("give reasons")


class DayUnfit(FindingRefused):
    """What is said to be put right was put right on a day, from the decision to today."""

    def __init__(self) -> None:
        super().__init__(
            "give the day on which it was put right: not before the decision, nor to come"
        )


class Excluded(FindingRefused):
    """Nobody decides about a finding on what they decided, or declared a conflict about."""

    def __init__(self, number: int) -> None:
        super().__init__(f"somebody else must decide about finding {number} (§§ 20, 21 VwVfG)")
