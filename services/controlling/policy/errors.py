"""What can be wrong with policies and inspections."""

from collections.abc import Iterable

from shared.configuration.yaml_file import nearest
from shared.errors import PermanentError


class PolicyUnknown(PermanentError):
    """A version that was asked for isn't there."""

    def __init__(self, version: str, known: Iterable[str]) -> None:
        versions = list(known)
        there = f"there are {', '.join(versions)}" if versions else "none is scheduled"
        super().__init__(f"there is no policy {version}{nearest(version, versions)}; {there}")


class VersionTaken(PermanentError):
    """A version means one content for ever: what was drawn by it refers to it."""

    def __init__(self, version: str, taken: str) -> None:
        super().__init__(
            f"policy {version} means one content for ever: {taken}. Put that "
            "content back, or give the other policy a version of its own"
        )


class NotInspected(PermanentError):
    """A stratum that is drawn at a plain rate, or that the period didn't hold, has no plan."""

    def __init__(self, key: str, stratum: str, inspected: Iterable[str]) -> None:
        names = sorted(inspected)
        listed = f"it inspected {', '.join(names)}" if names else "it inspected none"
        super().__init__(
            f"the period {key} had no plan for {stratum}{nearest(stratum, names)}; {listed}"
        )


class ErrorsBeyondSample(PermanentError):
    """More errors than the plan looks at."""

    def __init__(self, errors: int, sample: int) -> None:
        super().__init__(
            f"{errors} errors, but the plan looks at {sample} decisions: those of the smallest "
            "tickets; count the errors among these"
        )


class ErrorsUncounted(PermanentError):
    """Nobody says how many errors a sample showed, and its reviews aren't all signed."""

    def __init__(self, key: str, stratum: str) -> None:
        super().__init__(
            f"the plan's sample of {stratum} in {key} isn't reviewed whole; "
            "wait for its signatures, or say --errors"
        )


class ErrorsCounted(PermanentError):
    """Another number of errors than signed reviews showed."""

    def __init__(self, errors: int, counted: int | None) -> None:
        super().__init__(
            f"{errors} errors, but signed reviews show {counted}; leave --errors out, or let the "
            "review be opened again"
        )


class NoPeriodAfter(PermanentError):
    """The last period of the calendar: it has no next one, so nothing can be planned or told."""

    def __init__(self, period: str) -> None:
        super().__init__(
            f"{period} ends the calendar: no period can follow it; name an earlier one"
        )
