"""What can be wrong with the days that a forecast looks at."""

from datetime import date

from shared.errors import PermanentError


class NothingDecided(PermanentError):
    """A forecast from days without a decision."""

    def __init__(self, first: date, last: date) -> None:
        super().__init__(
            f"the register holds no decision from {first} to {last}; choose days that it holds, "
            "or fill it: gleichfall import, gleichfall simulate"
        )


class DaysReversed(PermanentError):
    """A time that ends before it begins."""

    def __init__(self, first: date, last: date) -> None:
        super().__init__(f"--from {first} lies after --to {last}; exchange them")
