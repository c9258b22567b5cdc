"""Whether somebody must not review a decision."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision under review.

    Attributes:
        decider: The pseudonym of who decided, in the quarter of the decision; None where it was
            not kept.
        co_signer: Likewise who signed with them, if somebody did.
        other_unit: Whether the policy wants all reviews done by another unit.
    """

    decision_id: str
    unit: str
    decided_at: datetime
    decider: str | None
    co_signer: str | None
    other_unit: bool


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody who may be asked to review.

    Attributes:
        staff_number: What the specialised system (Fachverfahren) knows them by; None for somebody
            who doesn't work with it, and so has decided nothing there.
        unit: Where they work; None: for the whole authority.
    """

    account: UUID
    staff_number: str | None
    unit: str | None


PseudonymOf = Callable[[str, datetime], str]
"""Gives the pseudonym that a staff number has at a moment."""


def is_excluded(reviewer: Reviewer, decision: Decision, pseudonym: PseudonymOf) -> bool:
    """Whether somebody decided or signed, or may have: then they must not review.

    Where it isn't known who decided, that is everybody who works in the unit of the decision, and
    everybody with a staff number who works for all units.
    """
    own_unit = reviewer.unit == decision.unit
    if decision.other_unit and own_unit:
        return True
    if decision.decider is None:
        return own_unit or (reviewer.unit is None and reviewer.staff_number is not None)
    if reviewer.staff_number is None:
        return False
    found = pseudonym(reviewer.staff_number, decision.decided_at)
    return found in (decision.decider, decision.co_signer)
