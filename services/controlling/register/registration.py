"""A decision on its way into the register."""

from datetime import date, datetime
from typing import NamedTuple

from services.controlling.periods.draw import Outcome
from services.controlling.policy.strata import FIELDS
from services.controlling.register.frame import Place
from shared.events.catalogue.case import DecisionMade
from shared.events.event import Event

UNIT = "unit"
_ALWAYS = (*FIELDS, "features")
_ELSEWHERE = {"decision_id", "type_code", "direction", UNIT, "decider", "co_signer"}
"""Columns of their own have the first, the stratum the next; who decided isn't kept."""
WHERE_SAID = tuple(sorted(DecisionMade.model_fields.keys() - {*_ALWAYS, *_ELSEWHERE}))
"""All else, kept where an event says it."""

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

    @property
    def facts(self) -> dict[str, object]:
        """What is kept of it beside its place: what its event says, and the unit it names.

        The unit only where the stratum has another one, which took it over or was its former one.
        """
        facts = facts_of(self.decision)
        return facts if self.place.unit is None else {**facts, UNIT: self.place.unit}


def facts_of(decision: DecisionMade) -> dict[str, object]:
    """Give what an event says of its decision beside type, direction and unit: all but by whom."""
    facts = {name: getattr(decision, name) for name in _ALWAYS}
    told = ((name, getattr(decision, name)) for name in WHERE_SAID)
    return facts | {name: value for name, value in told if value is not None}
