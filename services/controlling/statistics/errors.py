"""Why a figure can't be given; each condition has its own sentence."""

from pathlib import Path

from shared.errors import PermanentError


class NothingReviewed(PermanentError):
    """A rate of no decisions: there is none, and 0 would be a lie."""

    def __init__(self, what: str = "the sample") -> None:
        super().__init__(f"{what} is empty: no decision, no rate; review at least one")


class CountsContradict(PermanentError):
    """Counts that can't be together, as more errors than decisions."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"{sentence}; check the counts")


class OutOfRange(PermanentError):
    """A share that is none, or a number outside what its formula is defined for."""

    def __init__(self, name: str, value: float, allowed: str) -> None:
        super().__init__(f"{name} is {value:g}, must be {allowed}")


class ConfidenceTooHigh(PermanentError):
    """A confidence below 1 that numbers of a machine can't tell from 1."""

    def __init__(self) -> None:
        super().__init__("confidence is too near to 1 to be reckoned with; name 0.999999 or less")


class NoSampleSuffices(PermanentError):
    """No sample can show what is asked for."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"no sample is large enough: {reason}")


class StratumTooSmall(PermanentError):
    """A stratum of which too little was reviewed to estimate anything."""

    def __init__(self, stratum: str, sample: int, needed: int) -> None:
        super().__init__(
            f"stratum {stratum}: {sample} reviewed, at least {needed} needed; review more "
            "or join it with a like stratum"
        )


class AgreementUndefined(PermanentError):
    """Ratings that no coefficient of agreement can be computed from."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"agreement is undefined: {reason}")


class PlanUnknown(PermanentError):
    """MIL-STD-105E has no such plan, or not in our table."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"no sampling plan: {reason}")


class TableInvalid(PermanentError):
    """A file of counts or ratings can't be used."""

    def __init__(self, file: Path, line: int, reason: str) -> None:
        super().__init__(f"{file}, line {line}: {reason}")
