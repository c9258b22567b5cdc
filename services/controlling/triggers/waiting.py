"""Which applications of a case wait for a decision, and which decision ended whose wait. Pure.

Events name neither the application that they answer nor the one that they take back. So a decision
ends the oldest wait of its own group of decisions and, where there is none, the oldest of all; what
is withdrawn ends the youngest, so that none that waits long is forgotten for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from shared.events.catalogue.case import (
    ApplicationReceived,
    ApplicationWithdrawn,
    CaseClosed,
    CaseTransferred,
    CourtDecided,
    DecisionMade,
)
from shared.events.event import Event
from shared.events.registry import Facts
from shared.events.vocabulary import AppealOutcome

_WON = frozenset({AppealOutcome.REVERSED, AppealOutcome.PARTLY_REVERSED})
BEGINNING: frozenset[type[Facts]] = frozenset({ApplicationReceived, CourtDecided})
"""The types of events that may begin waits."""
ENDING: frozenset[type[Facts]] = frozenset(
    {
        DecisionMade,
        ApplicationWithdrawn,
        CaseClosed,
        CaseTransferred,
    }
)
"""The types of events that end waits."""


class Wait(NamedTuple):
    """What waits for a decision.

    Attributes:
        since: When the application arrived, or the court ruled.
        service: What was applied for; empty if that isn't known.
        ruled: Whether a court ordered the decision (§ 75 VwGO), whatever was applied for.
    """

    since: datetime
    service: str = ""
    ruled: bool = False


class Followed(NamedTuple):
    """What became of the waits of one case.

    Attributes:
        left: What still waits, the oldest first.
        ended: The waits that each decision ended.
    """

    left: Sequence[Wait]
    ended: Mapping[str, Sequence[Wait]]


def begins(event: Event) -> Wait | None:
    """Give the wait that an event begins, if it does."""
    match event.data:
        case ApplicationReceived(service_key=service):
            return Wait(event.time, service)
        case CourtDecided(decision_id=None, outcome=outcome) if outcome in _WON:
            return Wait(event.time, ruled=True)
    return None


def follow(
    waits: Iterable[Wait],
    events: Iterable[Event],
    groups: Mapping[str, str],
    decided: Mapping[str, str],
) -> Followed:
    """Follow one case, in the order in which things happened, whatever the one of their coming.

    Args:
        waits: What waits already.
        events: What happened in the case.
        groups: The group of decisions of each service.
        decided: The group of each decision among the events.
    """
    left = dict.fromkeys(sorted(waits))
    ended: dict[str, list[Wait]] = {}
    for event in sorted(events, key=lambda one: one.time):
        if wait := begins(event):
            left[wait] = None
        begun = [one for one in left if one.since <= event.time]
        match event.data:
            case DecisionMade(decision_id=decision):
                over = [one for one in begun if one.ruled]
                over += _answered(begun, groups, decided.get(decision))
                ended[decision] = over
            case ApplicationWithdrawn():
                over = [one for one in begun if not one.ruled][-1:]
            case CaseClosed() | CaseTransferred():
                over = begun
            case _:
                over = []
        for one in over:
            del left[one]
    return Followed(sorted(left), ended)


def _answered(begun: Sequence[Wait], groups: Mapping[str, str], group: str | None) -> list[Wait]:
    applied = sorted(one for one in begun if not one.ruled)
    fitting = [one for one in applied if groups.get(one.service) == group]
    return (fitting or applied)[:1]
