"""Priorities and inspection plans become rates when a period opens; results steer the next ones.

Lots are the strata of periods. Plan and switching are those of MIL-STD-105E (1989); here they only
say how many are drawn. Every decision still has the chance that was in force when it was
registered, so estimates stay unbiased, however closely is looked at.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal

from services.controlling.planning.acceptance import Inspection, Plan, single_plan
from services.controlling.planning.switching import ACCEPTED_TO_REDUCE, Lot, Result, State
from services.controlling.policy.policy import PRIORITY, InspectionRule, Policy, StratumRate
from services.controlling.policy.strata import Stratum

_SMALLEST_LOT = 2
_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class LotResult:
    """How the sample of one stratum and period came out.

    Attributes:
        inspection: How closely it was really looked at: by the plan of its period.
        period: The number of its period among those that are closed.
        lot: Result, and what leadership says beside it.
        put_right: Whether the work itself was put right since, so that inspection which had
            stopped begins again, tightened (MIL-STD-105E, 4.7.5).
    """

    stratum: str
    inspection: Inspection
    lot: Lot
    put_right: bool = False
    period: int | None = None


@dataclass(frozen=True, slots=True)
class Experience:
    """What is known when a period opens.

    Attributes:
        sizes: Decisions to expect in each stratum, from the last closed period.
        results: Results of earlier periods, oldest first.
    """

    sizes: Mapping[str, int] = field(default_factory=dict)
    results: tuple[LotResult, ...] = ()


def follow(results: Iterable[LotResult]) -> dict[str, State]:
    """Give how closely each stratum is looked at next, beginning as its first lot was.

    A rule is about lots that were inspected as it says. Results come late, and periods open before
    them: what was drawn by another plan than the one that holds now doesn't count towards a
    change, so lots not accepted under normal inspection never stop anything. A closed period
    without a result breaks what counts in a row.

    Args:
        results: Oldest first.
    """
    found: dict[str, State] = {}
    last: dict[str, int] = {}
    for result in results:
        state = found.get(result.stratum, State(result.inspection))
        if result.period is not None:
            missing = result.period - last.get(result.stratum, result.period - 1) - 1
            for _ in range(min(missing, ACCEPTED_TO_REDUCE)):
                state = state.after(Lot(Result.MISSING))
            last[result.stratum] = result.period
        if result.inspection is state.inspection:
            state = state.after(result.lot)
        if state.stopped and result.put_right:
            state = State(Inspection.TIGHTENED)
        found[result.stratum] = state
    return found


def settle(policy: Policy, experience: Experience) -> Policy:
    """Give the policy by which a period is drawn: a rate in every place, priorities first.

    Where a rule has an inspection, each stratum of the last closed period gets a rate of its own:
    the plan's sample by the size the stratum had then. The rest of the rule, for strata that
    weren't there, is planned for the lot that the rule itself names.
    """
    whole = [
        StratumRate(
            where={PRIORITY: one.name},
            rate=Decimal(1),
            review_hours=one.review_hours,
            why=one.why,
        )
        for one in policy.priority
    ]
    known = [Stratum.parse(key) for key in experience.sizes]
    covered = [(stratum, policy.entry_of(stratum)) for stratum in known]
    states = follow(experience.results)

    def settled(entry: StratumRate) -> Iterator[StratumRate]:
        if entry.inspection is None:
            yield entry
            return
        for stratum, its in covered:
            if its is entry and PRIORITY not in dict(stratum.narrowed):
                state = states.get(stratum.key, State(entry.inspection.state))
                size = experience.sizes[stratum.key]
                yield _planned(_narrowed(entry, stratum), size, state)
        yield _planned(entry, entry.inspection.lot, State(entry.inspection.state))

    rates = (*whole, *(one for entry in policy.rates for one in settled(entry)))
    return policy.model_copy(update={"rates": rates})


def plan_of(rule: InspectionRule) -> Plan | None:
    """Give the plan of an inspection; none for a single decision, which is reviewed anyway."""
    if rule.lot < _SMALLEST_LOT:
        return None
    return single_plan(rule.lot, rule.quality, rule.level, rule.state)


def judged(plan: Plan, errors: int) -> Result:
    """Tell how a sample with so many errors came out."""
    if errors <= plan.accept:
        return Result.ACCEPTED
    return Result.NOT_ACCEPTED if errors >= plan.reject else Result.GAP


def _narrowed(entry: StratumRate, stratum: Stratum) -> StratumRate:
    return entry.model_copy(
        update={
            "group": stratum.group,
            "direction": stratum.direction,
            "unit": stratum.unit,
            "where": dict(stratum.narrowed),
        }
    )


def _planned(entry: StratumRate, lot: int, state: State) -> StratumRate:
    assert entry.inspection is not None
    rule = entry.inspection.model_copy(update={"lot": lot, "state": state.inspection})
    plan = plan_of(rule)
    if plan is None or state.stopped or plan.n >= lot:
        amount = {"rate": Decimal(1), "minimum": 0}
    else:
        share = (Decimal(plan.n) / lot).quantize(_STEP, ROUND_CEILING)
        amount = {"rate": min(Decimal(1), share), "minimum": plan.n}
    return entry.model_copy(update={"inspection": rule, **amount})
