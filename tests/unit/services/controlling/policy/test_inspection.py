"""Inspection plans: results steer the next period, and no estimate is bent by it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random
from statistics import mean, stdev
from typing import Any

import pytest

from services.controlling.planning.acceptance import Inspection, Plan
from services.controlling.planning.switching import Lot, Result, State
from services.controlling.policy.inspection import (
    Experience,
    Levels,
    LotResult,
    judged,
    plan_of,
    settle,
)
from services.controlling.policy.policy import InspectionRule, Policy
from services.controlling.policy.strata import Stratum
from shared.configuration import places
from shared.organisation.file import load_organisation
from shared.organisation.model import Organisation

KEY = "work/adverse/unit-2"
STRATUM = Stratum.parse(KEY)
POLICY = Policy.model_validate({
    "version": "1",
    "default_rate": Decimal("0.1"),
    "rates": (
        {
            "direction": STRATUM.direction,
            "inspection": {"quality": Decimal("2.5"), "lot": 100},
            "why": "by plan",
        },
    ),
})  # fmt: skip


_PLANS = {"n": Inspection.NORMAL, "t": Inspection.TIGHTENED, "r": Inspection.REDUCED}


def results(text: str) -> tuple[LotResult, ...]:
    """Results, each with the letter of the plan it was drawn by; a point is a month without one."""
    return tuple(
        LotResult(KEY, _PLANS[one[0]], Lot(Result(one[1]), may_reduce=True), period=number)
        for number, one in enumerate(text.split())
        if one[1] != "."
    )


def state(past: Sequence[LotResult]) -> State:
    """How closely the stratum is looked at after it."""
    return Levels(Experience(results=tuple(past))).state(STRATUM, Inspection.NORMAL)


def test_without_experience_the_rule_plans_for_its_own_lot() -> None:
    """Lot 100, level II: letter F, 20 decisions."""
    rule = settle(POLICY, Experience()).rule_of(STRATUM)
    assert (rule.rate, rule.minimum) == (Decimal("0.2"), 20)


@pytest.mark.parametrize(
    ("size", "rate", "minimum"),
    [
        (1, "1", 0),
        (2, "1", 0),
        (90, "0.2223", 20),
        (1000, "0.08", 80),
        (100_000, "0.005", 500),
    ],
)
def test_the_size_of_the_last_period_gives_the_next_ones_rate(
    size: int, rate: str, minimum: int
) -> None:
    rule = settle(POLICY, Experience({KEY: size})).rule_of(STRATUM)
    assert (rule.rate, rule.minimum) == (Decimal(rate), minimum)


@pytest.mark.parametrize(
    ("history", "state", "n"),
    [
        ("", Inspection.NORMAL, 80),
        ("nR", Inspection.NORMAL, 80),
        ("nR nR", Inspection.TIGHTENED, 80),
        ("nR nR" + " tA" * 5, Inspection.NORMAL, 80),
        ("nR nR" + " nA" * 5, Inspection.TIGHTENED, 80),
        ("nR nR tA tA tA t. tA tA", Inspection.TIGHTENED, 80),
        ("nR nR tA tA tA t. tA tA tA tA tA", Inspection.NORMAL, 80),
        ("nR n. n. n. nR", Inspection.TIGHTENED, 80),
        ("nR n. n. n. n. nR", Inspection.NORMAL, 80),
        (" nA" * 10, Inspection.REDUCED, 32),
        (" nA" * 5 + " n." + " nA" * 9, Inspection.NORMAL, 80),
        (" nA" * 10 + " rG", Inspection.NORMAL, 80),
        (" nA" * 10 + " rA r. nA", Inspection.NORMAL, 80),
    ],
)
def test_results_switch_the_next_periods_plan(history: str, state: Inspection, n: int) -> None:
    settled = settle(POLICY, Experience({KEY: 1000}, results(history)))
    entry = settled.entry_of(STRATUM)
    assert entry is not None
    assert entry.inspection is not None
    assert entry.inspection.state is state
    assert entry.minimum == n


def test_a_stop_reviews_everything_until_the_work_is_put_right() -> None:
    stopped = results("nR nR" + " tR" * 5)
    assert settle(POLICY, Experience({KEY: 1000}, stopped)).rule_of(STRATUM).rate == 1
    right = [*stopped[:-1], replace(stopped[-1], put_right=True)]
    assert state(right) == State(Inspection.TIGHTENED)


def test_lots_not_accepted_under_normal_inspection_stop_nothing_however_many_there_are() -> None:
    """Their months opened before it was known that inspection is tightened."""
    found = state(results("nR nR" + " nR" * 20))
    assert (found.inspection, found.stopped, found.failures) == (Inspection.TIGHTENED, False, 0)
    assert state(results("nR nR nR" + " tR" * 4)).failures == 4
    assert state(results("nR nR nR" + " tR" * 5)).stopped


def test_other_strata_are_not_touched() -> None:
    other = Stratum.parse("family/favourable/unit-3")
    settled = settle(POLICY, Experience({KEY: 1000}, results("nR nR")))
    assert settled.rule_of(other).rate == Decimal("0.1")


def test_each_stratum_follows_its_own_results() -> None:
    sizes = {KEY: 1000, "family/adverse/unit-3": 1000}
    settled = settle(POLICY, Experience(sizes, results(" nA" * 10)))
    assert settled.rule_of(STRATUM).minimum == 32
    assert settled.rule_of(Stratum.parse("family/adverse/unit-3")).minimum == 80


@pytest.mark.parametrize(
    ("errors", "result"),
    [(0, Result.ACCEPTED), (2, Result.ACCEPTED), (3, Result.GAP), (4, Result.GAP), (5, "R")],
)
def test_errors_are_judged_by_the_plan(errors: int, result: str) -> None:
    """Reduced, lot 1000, level II, 2.5: at most 2 accept, from 5 on not."""
    plan = plan_of(InspectionRule(quality=Decimal("2.5"), lot=1000, state=Inspection.REDUCED))
    assert plan == Plan("J", 32, 2, 5)
    assert judged(plan, errors) == Result(result)


def test_a_lot_of_one_has_no_plan() -> None:
    assert plan_of(InspectionRule(quality=Decimal("2.5"), lot=1)) is None


def test_the_estimate_stays_unbiased_while_inspection_switches() -> None:
    """Weighted by the size over the sample of each period, errors are found as often as they are.

    100 histories of twelve periods with 200 decisions each, every tenth wrong; results steer the
    rates. The mean of all estimates must be within four standard errors of the truth.
    """
    chance = Random(20261125)
    estimates: list[float] = []
    inspections: Counter[Inspection] = Counter()
    for _ in range(100):
        past: list[LotResult] = []
        for _ in range(12):
            policy = settle(POLICY, Experience({KEY: 200}, tuple(past)))
            rule, entry = policy.rule_of(STRATUM), policy.entry_of(STRATUM)
            assert entry is not None
            assert entry.inspection is not None
            tickets = sorted((chance.random(), n % 10 == 0) for n in range(200))
            drawn = sum(ticket < rule.rate for ticket, _ in tickets)
            sample = tickets[: max(drawn, rule.minimum)]
            estimates.append(sum(wrong for _, wrong in sample) / len(sample))
            plan = plan_of(entry.inspection)
            assert plan is not None
            inspections[entry.inspection.state] += 1
            found = judged(plan, sum(wrong for _, wrong in tickets[: plan.n]))
            past.append(LotResult(KEY, entry.inspection.state, Lot(found)))
    error = stdev(estimates) / len(estimates) ** 0.5
    assert abs(mean(estimates) - 0.1) < 4 * error
    assert inspections[Inspection.TIGHTENED] > 100


STOPPED = results("nR nR" + " tR" * 5)
ORGANISATION = load_organisation(places.ORGANISATION)


def organised(**changed: dict[str, Any]) -> Organisation:
    """Karlsruhe's, with other units; `unit_2` is unit-2."""
    units = [
        unit.model_copy(update=changed.get(unit.key.replace("-", "_"), {}))
        for unit in ORGANISATION.units
    ]
    return ORGANISATION.model_copy(update={"units": tuple(units)})


def of_unit(unit: str, past: Sequence[LotResult]) -> tuple[LotResult, ...]:
    return tuple(replace(one, stratum=f"work/adverse/{unit}") for one in past)


RENAMED = organised(unit_2={"formerly": ("sg-work",)})
MERGED = organised(unit_2={"formerly": ("sg-work", "sg-labour")})
SPLIT = organised(unit_2={"split_from": ("sg-a",)}, unit_3={"split_from": ("sg-a",)})


@pytest.mark.parametrize(
    ("organisation", "former"), [(RENAMED, "sg-work"), (MERGED, "sg-labour"), (SPLIT, "sg-a")]
)
def test_a_stop_survives_a_renamed_merged_or_split_unit_until_work_is_put_right(
    organisation: Organisation, former: str
) -> None:
    past = (*of_unit("sg-work", results(" nA" * 7)), *of_unit(former, STOPPED))
    past = tuple(sorted(past, key=lambda one: one.period or 0))
    sizes = {f"work/adverse/{former}": 1000}
    settled = settle(POLICY, Experience(sizes, past), organisation)
    assert settled.rule_of(STRATUM).rate == 1
    later = replace(results("nA " * 7 + "tR")[-1], put_right=True)
    settled = settle(POLICY, Experience(sizes, (*past, later)), organisation)
    entry = settled.entry_of(STRATUM)
    assert entry is not None
    assert entry.inspection is not None
    assert (entry.inspection.state, entry.minimum) == (Inspection.TIGHTENED, 80)


def test_a_merged_stratum_is_planned_for_the_size_of_both() -> None:
    sizes = {"work/adverse/sg-work": 600, "work/adverse/sg-labour": 400}
    assert settle(POLICY, Experience(sizes), MERGED).rule_of(STRATUM).minimum == 80


def test_other_groups_of_a_split_unit_go_elsewhere() -> None:
    past = of_unit("sg-a", STOPPED)
    settled = settle(POLICY, Experience({"work/adverse/sg-a": 90}, past), SPLIT)
    assert settled.rule_of(Stratum.parse("family/adverse/unit-3")).rate == Decimal("0.2")
    assert settled.rule_of(STRATUM).rate == 1


SPLIT_BY = POLICY.model_copy(update={"split_by": ("language", "discretion_exercised")})
FINE = ("work(language:uk)(discretion_exercised:true)/adverse/unit-2",
        "work(language:de)(discretion_exercised:true)/adverse/unit-2")  # fmt: skip


def test_a_stop_survives_a_policy_that_splits_otherwise() -> None:
    settled = settle(SPLIT_BY, Experience({KEY: 1000}, STOPPED))
    assert {settled.rule_of(Stratum.parse(key)).rate for key in FINE} == {Decimal(1)}
    other = Stratum.parse(FINE[0].replace("unit-2", "unit-3"))
    assert settled.rule_of(other).rate == Decimal("0.2")
    past = tuple(replace(one, stratum=FINE[0]) for one in STOPPED)
    less = POLICY.model_copy(update={"split_by": ("language",)})
    settled = settle(less, Experience(dict.fromkeys(FINE, 500), past))
    assert settled.rule_of(Stratum.parse("work(language:uk)/adverse/unit-2")).rate == 1
    assert settled.rule_of(Stratum.parse("work(language:de)/adverse/unit-2")).minimum == 50
    settled = settle(POLICY, Experience(dict.fromkeys(FINE, 500), past))
    assert settled.rule_of(STRATUM).rate == 1


def test_each_part_of_a_stratum_that_was_stopped_is_put_right_by_itself() -> None:
    right = LotResult(FINE[0], Inspection.TIGHTENED, Lot(Result.ACCEPTED), put_right=True, period=9)
    levels = Levels(Experience(results=(*STOPPED, right)))
    one, other = (levels.state(Stratum.parse(key), Inspection.NORMAL) for key in FINE)
    assert (one.stopped, one.inspection) == (False, Inspection.TIGHTENED)
    assert other.stopped
    assert levels.state(STRATUM, Inspection.NORMAL).stopped, "a part of it isn't put right"


def test_a_stop_survives_a_period_without_decisions() -> None:
    settled = settle(POLICY, Experience({"family/adverse/unit-3": 50}, STOPPED))
    assert settled.rule_of(STRATUM).rate == 1


def test_a_period_in_which_nothing_was_decided_is_no_lot_and_breaks_nothing() -> None:
    past = results("nR nR tA tA tA t. tA tA")
    every = dict.fromkeys(range(8), (KEY,))
    empty = every | {5: ("family/adverse/unit-3",)}
    found = [
        Levels(Experience(results=past, lots=lots)).state(STRATUM, Inspection.NORMAL).inspection
        for lots in (every, empty)
    ]
    assert found == [Inspection.TIGHTENED, Inspection.NORMAL]


def test_rules_that_name_a_former_unit_hold_for_who_took_it_over() -> None:
    rule = {"unit": "sg-a", "rate": Decimal("0.5"), "why": "new"}
    policy = Policy.model_validate(
        {"version": "1", "default_rate": Decimal("0.1"), "rates": (rule,)}
    )
    settled = settle(policy, Experience(), SPLIT)
    for key in (KEY, "family/adverse/unit-3"):
        assert settled.rule_of(Stratum.parse(key)).rate == Decimal("0.5")
    assert settle(policy, Experience()).rule_of(STRATUM).rate == Decimal("0.1")


def test_a_rule_for_a_unit_that_goes_on_with_less_holds_for_the_part_that_moved() -> None:
    smaller = organised(unit_3={"split_from": ("unit-2",)})
    rule = {"unit": "unit-2", "rate": Decimal(1), "why": "new"}
    policy = Policy.model_validate(
        {"version": "1", "default_rate": Decimal("0.1"), "rates": (rule,)}
    )
    settled = settle(policy, Experience(), smaller)
    for key in (KEY, "family/adverse/unit-3"):
        assert settled.rule_of(Stratum.parse(key)).rate == 1
    assert settled.rule_of(Stratum.parse("work/adverse/unit-3")).rate == Decimal("0.1")


@pytest.mark.parametrize(
    ("group", "of_the_other"), [(None, Decimal("0.1")), ("family", Decimal(1))]
)
def test_who_took_a_part_over_has_the_rule_that_names_it(
    group: str | None, of_the_other: Decimal
) -> None:
    smaller = organised(unit_3={"split_from": ("unit-2",)})
    rules = (
        {"unit": "unit-2", "rate": Decimal(1), "why": "new"},
        {
            "unit": "unit-3",
            "group": group,
            "direction": STRATUM.direction,
            "rate": Decimal("0.5"),
            "why": "known",
        },
    )
    policy = Policy.model_validate({"version": "1", "default_rate": Decimal("0.1"), "rates": rules})
    settled = settle(policy, Experience(), smaller)
    assert settled.rule_of(Stratum.parse("family/adverse/unit-3")).rate == Decimal("0.5")
    other = Stratum.parse("permanent/favourable/unit-3")
    assert settled.rule_of(other).rate == of_the_other
