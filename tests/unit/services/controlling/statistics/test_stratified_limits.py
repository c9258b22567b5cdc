"""Limits of a rate over several strata hold the truth as often as they say."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.statistics.errors import NothingReviewed
from services.controlling.statistics.intervals import clopper_pearson, finite_population
from services.controlling.statistics.stratified import DomainStratum, estimate_domain
from services.controlling.statistics.stratified_limits import stratified_limits
from tests.proof.designs import Cell, few_cells
from tests.proof.tails import allowed, misses

DRAWS = 2_000


@st.composite
def found(draw: st.DrawFn) -> list[DomainStratum]:
    strata = []
    for number in range(draw(st.integers(1, 6))):
        population = draw(st.integers(1, 400))
        sample = draw(st.integers(1, min(population, 40)))
        members = draw(st.integers(0, sample))
        errors = draw(st.integers(0, members))
        strata.append(DomainStratum(str(number), population, sample, members, errors))
    if not any(one.members for one in strata):
        strata.append(DomainStratum("more", 9, 3, 3, 1))
    return strata


def mirrored(strata: list[DomainStratum]) -> list[DomainStratum]:
    return [
        DomainStratum(one.name, one.population, one.sample, one.members, one.members - one.errors)
        for one in strata
    ]


@given(found())
def test_they_hold_the_estimate_and_are_the_same_seen_from_the_correct_ones(
    strata: list[DomainStratum],
) -> None:
    rate, limits = estimate_domain(strata).estimate, stratified_limits(strata)
    assert 0 <= limits.lower <= rate + 1e-12
    assert rate - 1e-12 <= limits.upper <= 1
    wider = stratified_limits(strata, Fraction(99, 100))
    assert wider.lower <= limits.lower + 1e-12
    assert limits.upper <= wider.upper + 1e-12
    other = stratified_limits(mirrored(strata))
    assert (1 - other.upper, 1 - other.lower) == pytest.approx(
        (limits.lower, limits.upper), abs=1e-9
    )


@pytest.mark.parametrize("cell", few_cells(), ids=str)
def test_each_tail_misses_the_truth_as_seldom_as_it_may(cell: Cell) -> None:
    """Of 20 strata of 70, 7 reviewed in each, the old interval lay above the truth in 14.6 %."""
    assert misses(cell, DRAWS).worst <= allowed(DRAWS, errors=4)


def test_one_stratum_that_is_not_reviewed_whole_has_its_exact_limits() -> None:
    limits = stratified_limits([DomainStratum("all", 300, 100, 100, 45)])
    exact = finite_population(45, 100, 300)
    assert (limits.lower * 300, limits.upper * 300) == pytest.approx((exact.lower, exact.upper))
    beside = [DomainStratum("all", 300, 100, 100, 45), DomainStratum("certain", 50, 50, 50, 5)]
    limits = stratified_limits(beside)
    told = (limits.lower * 350, limits.upper * 350)
    assert told == pytest.approx((exact.lower + 5, exact.upper + 5))


def test_strata_alike_of_endless_size_have_the_limits_of_one_sample() -> None:
    strata = [DomainStratum(str(at), 10**9, 25, 25, at) for at in (2, 3)]
    limits, simple = stratified_limits(strata), clopper_pearson(5, 50)
    assert (limits.lower, limits.upper) == pytest.approx((simple.lower, simple.upper), abs=1e-6)


def test_a_stratum_without_an_error_may_have_some() -> None:
    """The big stratum shows none, so its variance is 0; its own upper limit is 11 % of 900."""
    strata = [DomainStratum("small", 100, 50, 50, 5), DomainStratum("big", 900, 30, 30, 0)]
    assert estimate_domain(strata).interval.upper < 0.03
    assert stratified_limits(strata).upper > 0.1


def test_everything_reviewed_leaves_one_point_and_nothing_reviewed_none() -> None:
    whole = stratified_limits(
        [DomainStratum("a", 50, 50, 50, 5), DomainStratum("b", 50, 50, 50, 0)]
    )
    assert whole.lower == whole.upper == 0.05
    some = stratified_limits([DomainStratum("a", 50, 50, 20, 5), DomainStratum("b", 50, 50, 30, 0)])
    assert some.lower == some.upper == 0.1
    with pytest.raises(NothingReviewed):
        stratified_limits([DomainStratum("a", 100, 10, 0, 0)])


def test_one_review_of_a_stratum_is_enough() -> None:
    lonely = [DomainStratum("one", 40, 1, 1, 1), DomainStratum("many", 400, 40, 40, 4)]
    limits = stratified_limits(lonely)
    assert limits.lower < estimate_domain(lonely).estimate < limits.upper


def test_an_unknown_number_of_members_makes_limits_wider() -> None:
    known = [DomainStratum("a", 200, 20, 20, 8), DomainStratum("b", 200, 20, 20, 0)]
    unknown = [DomainStratum("a", 400, 40, 20, 8), DomainStratum("b", 400, 40, 20, 0)]
    sure, unsure = stratified_limits(known), stratified_limits(unknown)
    assert unsure.upper - unsure.lower > sure.upper - sure.lower
