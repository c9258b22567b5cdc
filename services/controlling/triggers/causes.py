"""What puts a decision into the queue of reviews though chance didn't.

Such a review never enters an estimate, unless chance drew the decision, too. Pure; each rule looks
at one decision or one event, so neither order nor batches can change what it says.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from services.controlling.policy.policy import Policy, TriggerKind
from services.controlling.queue.reason import Wanted
from shared.events.catalogue.case import (
    AppealDecided,
    AppealLodged,
    AppealRemedied,
    CourtDecided,
    DecisionMade,
)
from shared.events.event import Event
from shared.events.vocabulary import AppealOutcome, Direction, DrawReason
from shared.law.decision_types import DecisionType

_LOST = frozenset({AppealOutcome.REVERSED, AppealOutcome.PARTLY_REVERSED})
_REASONS = {
    TriggerKind.APPEAL_LODGED: DrawReason.APPEAL,
    TriggerKind.APPEAL_LOST: DrawReason.APPEAL_LOST,
    TriggerKind.COURT_OVERTURNED: DrawReason.COURT,
    TriggerKind.INACTION: DrawReason.INACTION,
    TriggerKind.CHECK_FAILED: DrawReason.CHECK_FAILED,
    TriggerKind.LAW_CHANGED: DrawReason.LAW_CHANGED,
}


TRIGGERING = frozenset({AppealLodged, AppealRemedied, AppealDecided, CourtDecided})
"""The types of events that `triggered_by` may say something of."""

Cause = tuple[str, TriggerKind]
"""A decision, and what happened to it."""


class LawChange(NamedTuple):
    """A change of law that concerns one type of decision."""

    type_code: str
    valid_from: date


def triggered_by(event: Event) -> Cause | None:
    """Tell which decision an event of its case's later life puts into the queue.

    An appeal is lost when it changes the decision, and when the authority gives in (Abhilfe).
    """
    match event.data:
        case AppealLodged(decision_id=one):
            return one, TriggerKind.APPEAL_LODGED
        case AppealRemedied(decision_id=one):
            return one, TriggerKind.APPEAL_LOST
        case AppealDecided(decision_id=one, outcome=outcome) if outcome in _LOST:
            return one, TriggerKind.APPEAL_LOST
        case CourtDecided(decision_id=str(one), outcome=outcome) if outcome in _LOST:
            return one, TriggerKind.COURT_OVERTURNED
    return None


def fails_check(decision: DecisionMade, kind: DecisionType | None) -> bool:
    """Whether a decision fails a check that needs nothing but its own event.

    Reasons where they are compulsory (criterion F2, § 39(1) VwVfG), an instruction on remedies in
    what burdens (F4, § 77(1) AufenthG, § 58 VwGO), discretion exercised where the law gives it (M1,
    § 40 VwVfG). A type outside the catalogue fails nothing.
    """
    if kind is None:
        return False
    adverse = decision.direction is Direction.ADVERSE
    return (
        (decision.reasons_given is False and decision.direction in kind.reasons)
        or (decision.discretion_exercised is False and kind.discretion)
        or (adverse and decision.remedy_instruction is None)
    )


def under_new_law(
    changes: Iterable[LawChange], type_code: str, day: date, window: timedelta
) -> bool:
    """Whether a decision was made in the first time after its law had changed."""
    return any(
        change.type_code == type_code and change.valid_from <= day < change.valid_from + window
        for change in changes
    )


def in_queue(policy: Policy, causes: Iterable[Cause]) -> Iterator[Wanted]:
    """Give what a policy wants reviewed of what was caused, each cause once."""
    for decision_id, kind in dict.fromkeys(causes):
        trigger = policy.triggers.get(kind)
        if trigger is not None and trigger.enabled:
            yield Wanted(decision_id, _REASONS[kind], trigger.priority)
