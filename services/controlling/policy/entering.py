"""How samples came out against their inspection plans, and what follows for the next period."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.controlling.planning.acceptance import Inspection, Plan
from services.controlling.planning.switching import Lot, Result, State
from services.controlling.policy import store
from services.controlling.policy.errors import (
    ErrorsBeyondSample,
    ErrorsCounted,
    ErrorsUncounted,
    NotInspected,
)
from services.controlling.policy.inspection import (
    Experience,
    Levels,
    LotResult,
    judged,
    plan_of,
)
from services.controlling.policy.lineage import UnitNow, as_named
from services.controlling.policy.lineage import now as current
from services.controlling.policy.policy import InspectionRule
from services.controlling.policy.store import Lots
from services.controlling.policy.strata import Stratum
from shared.postgres.pool import Connection, Pool


@dataclass(frozen=True, slots=True)
class Found:
    """What the reviews of one stratum and period showed, and what leadership says beside it.

    Attributes:
        errors: Among the plan's sample; None: as signed reviews show it.
        may_reduce: Errors of the last ten periods are at or below the standard's limit number, and
            less inspection is wanted.
        steady: Work went its usual way.
        put_right: After inspection stopped, the work itself was put right.
    """

    period: str
    stratum: str
    errors: int | None
    may_reduce: bool = False
    steady: bool = True
    put_right: bool = False

    def against(self, plan: Plan, inspection: Inspection, errors: int) -> LotResult:
        """Judge it by the plan under which the period was inspected."""
        lot = Lot(judged(plan, errors), may_reduce=self.may_reduce, steady=self.steady)
        return LotResult(self.stratum, inspection, lot, put_right=self.put_right)


@dataclass(frozen=True, slots=True)
class Level:
    """How closely a stratum is looked at in the next period that opens.

    Attributes:
        lot: Decisions that the last closed period held.
        plan: The plan of that period; None for a single decision.
        state: How closely the next one is looked at.
    """

    stratum: str
    lot: int
    plan: Plan | None
    state: State


async def enter(
    pool: Pool, found: Found, now: datetime, unit_now: UnitNow = as_named
) -> tuple[Result, State]:
    """Enter how many errors the plan's sample showed; gives its result and what follows.

    The plan's sample are the decisions of the stratum's smallest tickets, as many as the plan
    says: more may have been drawn, and would make the plan stricter than it is.

    Raises:
        PeriodUnknown, PolicyNotKept, PeriodOpen, NotInspected, ErrorsBeyondSample,
        ErrorsUncounted, ErrorsCounted: it can't be entered.
    """
    async with pool.acquire() as connection, connection.transaction():
        inspected = inspected_in(await store.lots_of(connection, found.period))
        rule, size = inspected.get(found.stratum, (None, 0))
        plan = None if rule is None else plan_of(rule)
        if rule is None or plan is None:
            raise NotInspected(found.period, found.stratum, inspected)
        errors = await _errors(connection, found, min(plan.n, size))
        result = found.against(plan, rule.state, errors)
        await store.enter_result(connection, store.Entered(found.period, errors, result), now)
        known = await store.history(connection, date.max)
    levels = Levels(Experience({}, *known), unit_now)
    return result.lot.result, levels.state(Stratum.parse(found.stratum), rule.state)


async def count(
    connection: Connection, lots: Lots, period: str, errors: Mapping[str, int], now: datetime
) -> int:
    """Enter what signed reviews show, by the same rule; tells how many results are new.

    Args:
        connection: As controlling, in a transaction.
        lots: The closed period.
        period: Its key.
        errors: By stratum whose plan's sample is reviewed whole, the errors in it.
        now: What time it is.
    """
    new = 0
    for stratum, (rule, _) in inspected_in(lots).items():
        plan = plan_of(rule)
        if plan is not None and stratum in errors:
            found = Found(period, stratum, errors[stratum])
            result = found.against(plan, rule.state, errors[stratum])
            entered = store.Entered(period, errors[stratum], result)
            new += await store.count_result(connection, entered, now)
    return new


async def _errors(connection: Connection, found: Found, sample: int) -> int:
    counted = await store.counted_errors(connection, found.period, found.stratum)
    if found.errors is None:
        if counted is None:
            raise ErrorsUncounted(found.period, found.stratum)
        return counted
    if counted not in {None, found.errors}:
        raise ErrorsCounted(found.errors, counted)
    if found.errors > sample:
        raise ErrorsBeyondSample(found.errors, sample)
    return found.errors


async def levels(pool: Pool, unit_now: UnitNow = as_named) -> list[Level]:
    """Give the level of every stratum that the last closed period inspected.

    Args:
        pool: As controlling.
        unit_now: What became of units; strata are called by their names of today.
    """
    async with pool.acquire() as connection:
        last = await store.last_lots(connection, date.max)
        if last is None:
            return []
        known = await store.history(connection, date.max)
    found = Levels(Experience({}, *known), unit_now)
    rules: dict[Stratum, InspectionRule] = {}
    sizes = Counter[Stratum]()
    for key, (rule, size) in inspected_in(last).items():
        stratum = current(Stratum.parse(key), unit_now, last.policy.split_by)
        rules[stratum] = rule
        sizes[stratum] += size
    return [
        Level(stratum.key, sizes[stratum], plan_of(rule), found.state(stratum, rule.state))
        for stratum, rule in rules.items()
    ]


def inspected_in(lots: Lots) -> dict[str, tuple[InspectionRule, int]]:
    """Give the inspections by which strata were drawn, and what the strata then held."""
    return {
        one.stratum: (entry.inspection, one.size)
        for one in lots.counts
        if (entry := lots.policy.entry_of(Stratum.parse(one.stratum))) is not None
        and entry.inspection is not None
    }
