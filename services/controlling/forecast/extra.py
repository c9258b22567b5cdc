"""Which decisions triggers and twins would bring into review beside chance. Pure.

The rules are those that hold when events arrive: nothing is decided here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic_core import from_json

from services.controlling.policy.lineage import UnitNow, as_named
from services.controlling.policy.policy import Policy, TriggerKind, Twins
from services.controlling.policy.strata import Kind, Stratum
from services.controlling.triggers.causes import (
    LawChange,
    fails_check,
    triggered_by,
    under_new_law,
)
from services.controlling.triggers.waiting import Wait, follow
from services.controlling.twins.distance import Pair, nearest
from services.controlling.twins.likeness import Uncompared
from services.controlling.twins.pairs import Candidate, draw_pairs
from shared.events.catalogue.case import DecisionMade
from shared.events.event import Event
from shared.law.decision_types import DecisionTypes
from shared.law.time_limits import INACTION, TimeLimits

_ORDER = (
    TriggerKind.COURT_OVERTURNED,
    TriggerKind.APPEAL_LOST,
    TriggerKind.APPEAL_LODGED,
    TriggerKind.INACTION,
    TriggerKind.LAW_CHANGED,
    TriggerKind.CHECK_FAILED,
)
"""Of several triggers of one decision the first counts: it is reviewed once."""


class Extra(NamedTuple):
    """A decision that something may bring into review beside chance.

    Attributes:
        stratum: By the policy that is tried.
        trigger: What surely brings it; None: nothing does.
        twin: The chance with which it is drawn as a half of a pair.
    """

    stratum: str
    trigger: TriggerKind | None
    twin: float


@dataclass(frozen=True, slots=True)
class History:
    """What is known of some days.

    Attributes:
        made: The decisions, each as its event told it.
        registered: The same as twins are looked for among them.
        events: What happened in their cases, and to them.
        changes: Changes of law.
        groups: The group of decisions of each service.
    """

    made: Sequence[Event]
    registered: Sequence[Uncompared]
    events: Sequence[Event]
    changes: Sequence[LawChange]
    groups: Mapping[str, str]


def extras(
    policy: Policy,
    history: History,
    types: DecisionTypes,
    zone: ZoneInfo,
    unit_now: UnitNow = as_named,
) -> list[Extra]:
    """Find what triggers and twins would bring, by a policy that is settled.

    Args:
        policy: The settled one.
        history: What happened.
        types: The catalogue.
        zone: Where the authority's days begin and end.
        unit_now: What became of units: their decisions count as those of today's.
    """
    decisions = {
        one.data.decision_id: (one, one.data)
        for one in history.made
        if isinstance(one.data, DecisionMade)
    }
    found: dict[str, set[TriggerKind]] = defaultdict(set)
    for decision, kind in _causes(policy, history, decisions.values(), types, zone):
        trigger = policy.triggers.get(kind)
        if decision in decisions and trigger is not None and trigger.enabled:
            found[decision].add(kind)
    chances = _twin_chances(policy.twins, history.registered, zone) if policy.twins else {}
    return [
        Extra(
            _stratum(policy, *decisions[one], (types, zone, unit_now)),
            next((kind for kind in _ORDER if kind in found.get(one, ())), None),
            chances.get(one, 0.0),
        )
        for one in sorted(found.keys() | chances.keys() & decisions.keys())
    ]


def _stratum(
    policy: Policy,
    event: Event,
    made: DecisionMade,
    known: tuple[DecisionTypes, ZoneInfo, UnitNow],
) -> str:
    types, zone, unit_now = known
    day = event.time.astimezone(zone).date()
    group = types.group_of(made.type_code, day)
    unit = unit_now(made.unit, group)
    kind = Kind(made.type_code, made.direction, unit, day, policy.texts_of(made))
    return policy.stratum_of(kind, group).key


def _causes(
    policy: Policy,
    history: History,
    made: Iterable[tuple[Event, DecisionMade]],
    types: DecisionTypes,
    zone: ZoneInfo,
) -> Iterator[tuple[str, TriggerKind]]:
    law = policy.triggers.get(TriggerKind.LAW_CHANGED)
    window = timedelta(days=0 if law is None else law.days)
    groups: dict[str, str] = {}
    for event, one in made:
        day = event.time.astimezone(zone).date()
        groups[one.decision_id] = types.group_of(one.type_code, day)
        if fails_check(one, types.find(one.type_code, day)):
            yield one.decision_id, TriggerKind.CHECK_FAILED
        if under_new_law(history.changes, one.type_code, day, window):
            yield one.decision_id, TriggerKind.LAW_CHANGED
    yield from _happened(history, groups, zone)


def _happened(
    history: History, groups: Mapping[str, str], zone: ZoneInfo
) -> Iterator[tuple[str, TriggerKind]]:
    """Give what follows from the events of cases; `groups` is the group of each decision."""
    cases: dict[str, list[Event]] = defaultdict(list)
    for event in (*history.events, *history.made):
        cases[event.subject].append(event)
        if cause := triggered_by(event):
            yield cause
    limits = TimeLimits.load()
    for happened in cases.values():
        ended = follow((), happened, history.groups, groups).ended
        for event in happened:
            if isinstance(event.data, DecisionMade):
                day = event.time.astimezone(zone).date()
                waits = ended[event.data.decision_id]
                if any(one.ruled for one in waits):
                    yield event.data.decision_id, TriggerKind.COURT_OVERTURNED
                elif _late(waits, day, limits, zone):
                    yield event.data.decision_id, TriggerKind.INACTION


def _late(waits: Iterable[Wait], day: date, limits: TimeLimits, zone: ZoneInfo) -> bool:
    began = (one.since.astimezone(zone).date() for one in waits)
    return any(limits.is_over(INACTION, one, day) for one in began)


def _twin_chances(
    rule: Twins, registered: Sequence[Uncompared], zone: ZoneInfo
) -> dict[str, float]:
    """Give with which chance each decision is drawn as a half of a pair, week by week."""
    if not rule.enabled:
        return {}
    weeks: dict[date, list[Candidate]] = defaultdict(list)
    at = {one.decision_id: one.decided_at for one in registered}
    for pair in _pairs(rule, registered):
        day = max(at[pair.decision_id], at[pair.twin]).astimezone(zone).date()
        monday = day - timedelta(days=day.weekday())
        weeks[monday].append(Candidate(pair.decision_id, pair.twin, pair.distance, ""))
    missed: dict[str, Decimal] = {}
    for candidates in weeks.values():
        for one in draw_pairs(candidates, rule.per_week, rule.among):
            for half in (one.candidate.decision_id, one.candidate.twin):
                missed[half] = missed.get(half, Decimal(1)) * (1 - one.chance)
    return {half: float(1 - none) for half, none in missed.items() if none < 1}


def _pairs(rule: Twins, registered: Sequence[Uncompared]) -> Iterator[Pair]:
    blocks: dict[str, tuple[list[Uncompared], list[Uncompared]]] = defaultdict(lambda: ([], []))
    for one in registered:
        for side, direction in enumerate(rule.directions):
            if one.direction == direction:
                blocks[one.block(rule)][side].append(one)
    for first, second in blocks.values():
        yield from nearest(
            rule, [one.case(rule) for one in second], [one.case(rule) for one in first]
        )


def made_of(one: Uncompared) -> DecisionMade:
    """Write down what the register says of a decision; who decided isn't known, nor asked for."""
    parsed, facts = Stratum.parse(one.stratum), from_json(one.facts or "{}")
    said = {
        "features": {},
        **{name: value for name, value in facts.items() if value is not None},
        "decision_id": one.decision_id,
        "type_code": one.type_code,
        "direction": parsed.direction,
        "unit": parsed.unit,
        "decider": "",
    }
    return DecisionMade.model_construct(None, **said)
