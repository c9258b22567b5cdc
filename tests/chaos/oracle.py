"""What must come out of a storm, folded in plain Python from what intake acknowledged."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from consistent_sampler import first_fraction

from services.notify.planning.plan import thread_of, way_of
from shared.events.catalogue.case import ApplicationReceived, DecisionMade, DocumentsRequested
from shared.events.event import Event
from shared.events.vocabulary import Channel
from tests.chaos.load import UNLISTED, contact_ref

# One mail for each of these; the others of the load ask for none.
_WRITTEN_ABOUT = {
    ApplicationReceived: "application_received",
    DocumentsRequested: "documents_requested",
}


@dataclass(frozen=True)
class Expected:
    """The state of all parts after the storm.

    Attributes:
        order: Event ids of each case, as the sender sent them.
        decisions: Case by decision.
        counted: How many decisions of each unit intake accepted.
        rates: Inclusion probability by decision.
        messages: How many messages each (case, cause) asks for.
        announced: Ids of the messages of each case, in the order of their causes.
    """

    order: Mapping[str, list[str]]
    decisions: Mapping[str, str]
    counted: Counter[str]
    rates: Mapping[str, Decimal]
    messages: Counter[tuple[str, str]]
    announced: Mapping[str, list[str]]


def fold(
    sent: Iterable[Event], acknowledged: Container[str], settled: Mapping[str, Event | None]
) -> Expected:
    """Fold the events that intake acknowledged, each once.

    Args:
        sent: In order per case, with repeats.
        acknowledged: Ids that have a receipt.
        settled: What operators made of refused events: repaired, or given up.
    """
    events = {event.id: event for event in sent if event.id in acknowledged}
    order: dict[str, list[str]] = defaultdict(list)
    decisions: dict[str, str] = {}
    counted: Counter[str] = Counter()
    rates: dict[str, Decimal] = {}
    messages: Counter[tuple[str, str]] = Counter()
    announced: dict[str, list[str]] = defaultdict(list)
    for event in events.values():
        order[event.subject].append(event.id)
        if isinstance(event.data, DecisionMade):
            counted[event.data.unit] += 1
        applied = settled.get(event.id, event)
        if applied is not None and isinstance(applied.data, DecisionMade):
            decisions[applied.data.decision_id] = event.subject
            rates[applied.data.decision_id] = rate(applied.data)
        if (name := _WRITTEN_ABOUT.get(type(event.data))) is not None:
            messages[event.subject, event.data.event_type] += 1
            ref = contact_ref(event.subject)
            thread = thread_of(event, name, ref)
            announced[event.subject].append(str(way_of(thread, Channel.EMAIL)))
    return Expected(order, decisions, counted, rates, messages, announced)


def rate(decision: DecisionMade) -> Decimal:
    """Read tests/policy.yaml as a person would; no decision of the load ends a stay.

    What isn't in the catalogue is drawn like the most looked at of its direction: endings of a
    stay, of which every one is.
    """
    if decision.type_code == UNLISTED:
        return Decimal(1)
    return Decimal("0.20") if decision.direction == "adverse" else Decimal("0.10")


def drawn(decision_id: str, seed: bytes, rate: Decimal) -> bool:
    """Replay one draw with the revealed seed."""
    text = seed.hex()
    ticket: str = first_fraction(decision_id, text, hashlib.sha256(text.encode()).hexdigest())
    return Decimal(ticket) < rate
