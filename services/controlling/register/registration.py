"""A decision on its way into the register."""

from datetime import date, datetime
from typing import NamedTuple

from services.controlling.periods.draw import Outcome
from services.controlling.policy.strata import FIELDS
from services.controlling.register.frame import Place
from shared.events.catalogue.case import DecisionMade
from shared.events.event import Event

_SELDOM = ("dataref", "late_reason")
"""Kept where an event says it."""

Made = tuple[Event, DecisionMade, date]
"""A decision's event, what it says, and the day of the decision."""


class Registration(NamedTuple):
    """One decision with its place in the frame and the outcome of its draw."""

    case_ref: str
    decided_at: datetime
    decision: DecisionMade
    place: Place
    outcome: Outcome
    traceparent: str | None = None
    twice: bool = False


def facts_of(decision: DecisionMade) -> dict[str, object]:
    """Give what an event says of its decision beside type, direction and unit."""
    facts = {
        **{field: getattr(decision, field) for field in FIELDS},
        "features": decision.features,
    }
    told = ((name, getattr(decision, name)) for name in _SELDOM)
    return facts | {name: value for name, value in told if value is not None}
