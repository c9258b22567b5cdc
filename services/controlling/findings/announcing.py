"""What others are told of findings: that there are some, and what became of them; never words."""

from datetime import datetime

from services.controlling.findings.life import Step
from services.controlling.source import SOURCE
from shared.events.catalogue.review import (
    FindingAnswered,
    FindingConfirmed,
    FindingRaised,
    FindingWithdrawn,
)
from shared.events.event import Event, new_event
from shared.events.vocabulary import Severity

_TOLD = {
    Step.AGREE: FindingAnswered,
    Step.DISAGREE: FindingAnswered,
    Step.PUT_RIGHT: FindingAnswered,
    Step.UPHOLD: FindingConfirmed,
    Step.WITHDRAW: FindingWithdrawn,
    Step.RETRACT: FindingWithdrawn,
}


def key(number: int) -> str:
    """Give what a finding is called in events and in the audit log."""
    return f"finding-{number}"


def raised(
    decision_id: str, number: int, criterion: str, severity: Severity, now: datetime
) -> Event:
    """A review found an error."""
    facts = FindingRaised(
        decision_id=decision_id, finding=key(number), criterion=criterion, severity=severity
    )
    return new_event(SOURCE, decision_id, facts, time=now)


def stepped(decision_id: str, number: int, step: Step, now: datetime) -> Event:
    """The unit has replied, or it is final."""
    return new_event(SOURCE, decision_id, _TOLD[step](finding=key(number)), time=now)
