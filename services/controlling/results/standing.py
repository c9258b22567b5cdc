"""Whether reviews show that decisions are lawful as often as leadership wants."""

from decimal import Decimal
from enum import StrEnum

from services.controlling.figures.period import Row
from services.controlling.figures.told import ToldEstimate


class Standing(StrEnum):
    """What can be said about a part of a period's decisions."""

    EMPTY = "empty"
    """Nothing was decided."""
    NOTHING = "nothing"
    """None of it is reviewed."""
    TOO_FEW = "too_few"
    """What is reviewed may not be shown: it is about fewer than seven, or gives others away."""
    NO_RATE = "no_rate"
    """Too little of the strata is reviewed to weigh them."""
    BETTER = "better"
    """Even the upper limit is within the goal."""
    WORSE = "worse"
    """Even the lower limit is beyond the goal."""
    OPEN = "open"
    """The goal lies between the limits: neither is shown."""


class Absence(StrEnum):
    """Why a period has no rate; its words are `results.<value>`."""

    UNDECIDED = "undecided"
    UNREVIEWED = "unreviewed"
    HIDDEN = "hidden"
    NO_RATE = "no_rate"


def absence(row: Row | None, *, decided: bool) -> Absence | None:
    """Say it; None where there is a rate.

    Args:
        row: The figures; None where none are released.
        decided: Whether anything was decided.
    """
    if row is None:
        return Absence.UNREVIEWED if decided else Absence.UNDECIDED
    if row.plain is None:
        return Absence.HIDDEN
    return Absence.NO_RATE if row.plain.estimate is None else None


def standing(row: Row | None, goal: Decimal) -> Standing:
    """Say it; `row` is None where nothing is reviewed."""
    if row is None:
        return Standing.NOTHING
    if row.plain is None:
        return Standing.TOO_FEW
    if row.plain.estimate is None:
        return Standing.NO_RATE
    return against(row.plain.estimate, goal)


def against(estimate: ToldEstimate, goal: Decimal) -> Standing:
    """Hold a rate with its limits against the goal."""
    if estimate.limits.upper <= float(goal):
        return Standing.BETTER
    return Standing.WORSE if estimate.limits.lower > float(goal) else Standing.OPEN
