"""What is planned is what the report will say, of one period or of several: one formula."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from statistics import mean

import numpy as np
import pytest

from services.controlling.figures.rate import Judged, rate_of
from services.controlling.figures.reviews import DECISION, ON_THE_FILE, Answer, Review
from services.controlling.figures.sample import Sample, together
from services.controlling.figures.store import REGISTER
from services.controlling.periods.deadlines import Promise
from services.controlling.planning.allocation import neyman_for, proportional_for
from services.controlling.planning.reported import (
    Planned,
    all_by_size,
    by_size,
    reported_half_width,
    samples_reaching,
    stratum_sample,
)
from services.controlling.statistics.intervals import finite_population
from services.controlling.statistics.tables import Row

CONFIDENCE = Fraction(95, 100)
MONTH = {
    "work/adverse/unit-2": Planned(60, 0.15, 7, 0.08),
    "work/favourable/unit-2": Planned(200, 0.1, 0, 0.05),
    "family/adverse/unit-3": Planned(12, 0.1, 0, 0.2),
    "family/favourable/unit-3": Planned(120, 0.1, 0, 0.03),
}
"""A policy, and what a month brings."""
MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")


def drawn(
    key: str, strata: Sequence[str], chance: np.random.Generator
) -> tuple[Sample, list[Review]]:
    """A period that was really drawn and reviewed."""
    chosen: dict[str, str] = {}
    reviews = []
    for stratum in strata:
        one = MONTH[stratum]
        sample = max(one.minimum, int(chance.binomial(one.population, one.rate)))
        for number, wrong in enumerate(chance.random(sample) < one.errors):
            decision = f"{key}/{stratum}/{number}"
            chosen[decision] = stratum
            answer = Answer.WRONG if wrong else Answer.CORRECT
            row = Row(REGISTER, 2, {DECISION: decision})
            reviews.append(Review(decision, {ON_THE_FILE: answer}, put_right=False, row=row))
    sizes = {stratum: MONTH[stratum].population for stratum in strata}
    return Sample(chosen, sizes, {}, Promise.PROVED, witnessed=True), reviews


def reported(months: int, strata: Sequence[str], seed: int) -> float:
    """The half width of so many months that were really drawn, before it is told in steps."""
    chance = np.random.default_rng(1_000 + seed)
    periods = {key: drawn(key, strata, chance) for key in MONTHS[:months]}
    sample = together({key: one for key, (one, _) in periods.items()})
    judged = [
        Judged(sample.drawn[one.decision], answer, answer is Answer.WRONG)
        for _, found in periods.values()
        for one in found
        for answer in [one.answer(ON_THE_FILE)]
    ]
    reviewed = Counter(one.stratum for one in judged)
    every = {key: reviewed[key] for key in sample.sizes}
    estimate = rate_of(judged, every, sample.sizes, CONFIDENCE).estimate
    assert estimate is not None
    return (estimate.limits.upper - estimate.limits.lower) / 2


@pytest.mark.parametrize("months", [1, 2, 4])
@pytest.mark.parametrize("strata", [list(MONTH), ["work/adverse/unit-2"]])
def test_the_report_reaches_as_far_as_was_planned(months: int, strata: list[str]) -> None:
    planned = reported_half_width([MONTH[key] for key in strata for _ in range(months)])
    found = [reported(months, strata, seed) for seed in range(150)]
    assert mean(found) == pytest.approx(planned, rel=0.05)


SIZES = {"a": [400], "b": [120], "c": [60], "d": [20]}
QUARTER = {"a": [140, 130, 130], "b": [40, 40, 40], "c": [20, 30, 10], "d": [5, 8, 7]}
RATES = {"a": 0.05, "b": 0.08, "c": 0.05, "d": 0.2}


@pytest.mark.parametrize("find", [neyman_for, proportional_for])
@pytest.mark.parametrize("sizes", [SIZES, QUARTER])
def test_samples_reach_what_is_wanted_and_hardly_more(
    find: object, sizes: dict[str, list[int]]
) -> None:
    found = samples_reaching(find, 0.04, sizes, RATES)  # type: ignore[arg-type]
    assert reported_half_width(all_by_size(found, sizes, RATES)) <= 0.04
    fewer = {name: max(2, int(n * 0.85)) for name, n in found.items()}
    assert reported_half_width(all_by_size(fewer, sizes, RATES)) > 0.04


def test_the_same_plan_gives_the_same_figure() -> None:
    assert reported_half_width(list(MONTH.values())) == reported_half_width(list(MONTH.values()))


def test_what_is_reviewed_whole_leaves_nothing_uncertain() -> None:
    totals = {name: sum(held) for name, held in SIZES.items()}
    assert reported_half_width(all_by_size(totals, SIZES, RATES)) == 0
    assert samples_reaching(neyman_for, 0.0001, SIZES, RATES) == totals


def test_of_what_would_not_be_drawn_nothing_is_known() -> None:
    nothing = Planned(40, 0.0, 0, 0.05)
    assert reported_half_width([nothing]) == 0.5
    alone, beside = ([Planned(60, 0.0, 20, 0.05), *more] for more in ([], [nothing]))
    assert reported_half_width(alone) == reported_half_width(beside)


def test_one_stratum_of_one_period_has_its_exact_interval() -> None:
    limits = finite_population(0, 40, 400, CONFIDENCE)
    planned = reported_half_width([Planned(400, 0.0, 40, 0.0)])
    assert planned == pytest.approx((limits.upper - limits.lower) / 2 / 400)


def test_a_stratum_needs_so_many_and_hardly_fewer() -> None:
    sample = stratum_sample(0.05, [400], 0.05)
    assert reported_half_width(by_size(sample, [400], 0.05)) <= 0.05
    assert reported_half_width(by_size(sample // 2, [400], 0.05)) > 0.05
    assert stratum_sample(0.05, [1], 0.05) == 1
