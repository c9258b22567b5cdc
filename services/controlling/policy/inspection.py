"""Priorities and inspection plans become rates when a period opens; results steer the next ones.

Lots are the strata of periods. Plan and switching are those of MIL-STD-105E (1989); here they only
say how many are drawn. Every decision still has the chance that was in force when it was
registered, so estimates stay unbiased, however closely is looked at.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal

from services.controlling.planning.acceptance import Inspection, Plan, single_plan
from services.controlling.planning.switching import ACCEPTED_TO_REDUCE, Lot, Result, State
from services.controlling.policy.lineage import (
    UnitNow,
    as_named,
    comes_from,
    meets,
    now,
    with_todays_units,
)
from services.controlling.policy.policy import PRIORITY, InspectionRule, Policy, StratumRate
from services.controlling.policy.strata import LATE, Stratum
from services.controlling.policy.unlisted import with_unlisted
from shared.organisation.model import Organisation

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
        lots: By the number of a closed period, the strata in which it held decisions; None: all.
    """

    sizes: Mapping[str, int] = field(default_factory=dict)
    results: tuple[LotResult, ...] = ()
    lots: Mapping[int, Collection[str]] | None = None


class Levels:
    """How closely strata are looked at next, as their lots and those they come from went.

    A stratum that is renamed, merged or split otherwise goes on where the latest that it comes from
    were; of several the strictest holds. So a stop survives until the work is put right.
    """

    def __init__(self, experience: Experience, unit_now: UnitNow = as_named) -> None:
        """Go through all results.

        A rule is about lots that were inspected as it says. Results come late, and periods open
        before them: what was drawn by another plan than the one that holds now doesn't count
        towards a change, so lots not accepted under normal inspection never stop anything. A lot
        without a result breaks what counts in a row; a period without decisions is no lot.
        """
        self._unit_now = unit_now
        self._lots = experience.lots
        self._states: dict[Stratum, State] = {}
        self._last: dict[Stratum, int] = {}
        for result in experience.results:
            self._enter(Stratum.parse(result.stratum), result)

    @property
    def strata(self) -> Collection[Stratum]:
        """Those that have results, as they were called."""
        return self._states.keys()

    def state(self, stratum: Stratum, start: Inspection) -> State:
        """Give the state of a stratum; `start` is where one begins that comes from none."""
        found = [self._states[one] for one in self._latest(stratum)]
        return max(found, key=_strictness) if found else State(start)

    def _enter(self, stratum: Stratum, result: LotResult) -> None:
        before = max((self._last[one] for one in self._latest(stratum)), default=None)
        state = self.state(stratum, result.inspection)
        if result.period is not None and before is not None:
            for _ in range(self._missing(stratum, before, result.period)):
                state = state.after(Lot(Result.MISSING))
        if result.inspection is state.inspection:
            state = state.after(result.lot)
        if state.stopped and result.put_right:
            state = State(Inspection.TIGHTENED)
        self._states[stratum] = state
        self._last[stratum] = result.period or 0

    def _latest(self, stratum: Stratum) -> list[Stratum]:
        """Name what a stratum comes from, itself included, but for what a later one carried on.

        A stop is carried on only by what has all of it that the stratum has: that a part of it was
        put right doesn't end it for the rest.
        """
        known = [one for one in self._states if self._from(stratum, one)]

        def carried_on(one: Stratum, by: Stratum) -> bool:
            later = self._last[by] > self._last[one] and self._from(by, one)
            cells = dict(one.narrowed) | dict(stratum.narrowed)
            return later and (
                not self._states[one].stopped or dict(by.narrowed).items() <= cells.items()
            )

        return [one for one in known if not any(carried_on(one, by) for by in known)]

    def _missing(self, stratum: Stratum, before: int, number: int) -> int:
        """Count lots between two periods, no more than any rule looks at."""
        between, lots = range(before + 1, number), self._lots
        missing = len(between)
        if lots is not None:
            missing = sum(
                any(self._from(stratum, Stratum.parse(key)) for key in lots.get(one, ()))
                for one in between
            )
        return min(missing, ACCEPTED_TO_REDUCE)

    def _from(self, later: Stratum, earlier: Stratum) -> bool:
        return comes_from(later, earlier, self._unit_now)


def _strictness(state: State) -> tuple[bool, int, int]:
    order = (Inspection.REDUCED, Inspection.NORMAL, Inspection.TIGHTENED)
    return state.stopped, order.index(state.inspection), state.failures


def _sizes(policy: Policy, experience: Experience, unit_now: UnitNow) -> Counter[Stratum]:
    """Give the sizes of strata as they are named now, without what came too late."""
    sizes = Counter[Stratum]()
    for key, size in experience.sizes.items():
        if (stratum := Stratum.parse(key)).group != LATE:
            sizes[now(stratum, unit_now, policy.split_by)] += size
    return sizes


def settle(
    policy: Policy,
    experience: Experience,
    organisation: Organisation | None = None,
    unlisted: str | None = None,
) -> Policy:
    """Give the policy by which a period is drawn: a rate in every place, priorities first.

    Where a rule has an inspection, each stratum of the last closed period gets a rate of its own:
    the plan's sample by the size the stratum had then. Strata that weren't there go on as closely
    as what they come from, planned for the lot that the rule itself names; so does the rest.

    Args:
        policy: As leadership wrote it.
        experience: What earlier periods showed.
        organisation: What became of former units; None: nothing did.
        unlisted: The group of types outside the catalogue; None where there is none.
    """
    unit_now = as_named if organisation is None else organisation.unit_now
    if organisation is not None:
        policy = with_todays_units(policy, organisation)
    levels = Levels(experience, unit_now)
    sizes = _sizes(policy, experience, unit_now)
    known = {one: size for one, size in sizes.items() if len(one.narrowed) == len(policy.split_by)}
    others = {now(one, unit_now, policy.split_by) for one in levels.strata} - known.keys()

    def settled(entry: StratumRate) -> Iterator[StratumRate]:
        if entry.inspection is None:
            yield entry
            return
        start = entry.inspection.state
        for stratum, size in known.items():
            if policy.entry_of(stratum) is entry and PRIORITY not in dict(stratum.narrowed):
                yield _planned(_narrowed(entry, stratum), size, levels.state(stratum, start))
        for stratum in sorted(others, key=lambda one: one.key):
            state = levels.state(stratum, start)
            if meets(entry, stratum) and (state.stopped or state.inspection is not start):
                yield _planned(_narrowed(entry, stratum), entry.inspection.lot, state)
        yield _planned(entry, entry.inspection.lot, State(start))

    rates = (*_priorities(policy), *(one for entry in policy.rates for one in settled(entry)))
    if unlisted is not None:
        rates = with_unlisted(policy, rates, unlisted)
    return policy.model_copy(update={"rates": rates})


def _priorities(policy: Policy) -> Iterator[StratumRate]:
    for one in policy.priority:
        yield StratumRate(
            where={PRIORITY: one.name},
            rate=Decimal(1),
            review_hours=one.review_hours,
            why=one.why,
        )


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
            "where": dict(stratum.narrowed) | entry.where,
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
