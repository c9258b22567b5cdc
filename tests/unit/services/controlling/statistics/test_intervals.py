"""Intervals keep their promise, in every population however small."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from services.controlling.statistics.errors import (
    ConfidenceTooHigh,
    CountsContradict,
    NothingReviewed,
    OutOfRange,
)
from services.controlling.statistics.intervals import (
    CountInterval,
    Method,
    finite_population,
    interval,
    upper_limit,
)
from tests.unit.services.controlling.calculator.vectors import stats

SAMPLES = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(SAMPLES, st.sampled_from(Method))
def test_the_rate_lies_between_its_limits(counts: tuple[int, int], method: Method) -> None:
    errors, sample = counts
    limits, _ = interval(errors, sample, method=method)
    assert 0 <= limits.lower <= errors / sample <= limits.upper <= 1


@given(SAMPLES, st.sampled_from(Method))
def test_errors_and_correct_decisions_mirror_each_other(
    counts: tuple[int, int], method: Method
) -> None:
    errors, sample = counts
    one, _ = interval(errors, sample, method=method)
    other, _ = interval(sample - errors, sample, method=method)
    assert one.lower == pytest.approx(1 - other.upper)


@given(SAMPLES, st.integers(0, 100), st.sampled_from(Method))
def test_more_confidence_is_wider(counts: tuple[int, int], unseen: int, method: Method) -> None:
    population = counts[1] + unseen
    narrow, _ = interval(*counts, population=population, confidence=Fraction(8, 10), method=method)
    wide, _ = interval(*counts, population=population, confidence=Fraction(99, 100), method=method)
    assert wide.lower <= narrow.lower <= narrow.upper <= wide.upper


@given(SAMPLES)
def test_one_more_error_never_lowers_a_limit(counts: tuple[int, int]) -> None:
    errors, sample = counts
    fewer, more = (finite_population(x, sample + 1, 400) for x in (errors, errors + 1))
    assert fewer.lower <= more.lower
    assert fewer.upper <= more.upper


@pytest.mark.parametrize(("population", "sample"), [(12, 5), (30, 7), (40, 39), (7, 7)])
def test_the_exact_interval_covers_every_truth(population: int, sample: int) -> None:
    """Added up exactly over every sample there is, for every number of errors there can be."""
    made = [finite_population(x, sample, population) for x in range(sample + 1)]
    for truth in range(population + 1):
        covered = sum(
            comb(truth, x) * comb(population - truth, sample - x)
            for x, counts in enumerate(made)
            if counts.lower <= truth <= counts.upper
        )
        assert Fraction(covered, comb(population, sample)) >= Fraction(95, 100)


def test_a_tail_of_exactly_half_the_risk_rejects() -> None:
    """1 of 40 without an error: 39 errors leave exactly 1/40 = 2.5 %, in floats a bit more."""
    assert finite_population(0, 1, 40) == CountInterval(0, 38)


@given(SAMPLES, st.integers(1, 400))
def test_counting_and_the_library_find_the_same(counts: tuple[int, int], unseen: int) -> None:
    errors, sample = counts
    population = sample + unseen
    found = finite_population(errors, sample, population)
    tail = hypergeom.cdf(errors, population, [found.upper, found.upper + 1], sample)
    assert tail[0] > 0.025 - 1e-9
    assert found.upper == population - (sample - errors) or tail[1] < 0.025 + 1e-9


def test_a_large_sample_is_looked_up_as_a_small_one_is_counted() -> None:
    """Three hundredths in 1,000, counted, and in 1,001, looked up, say nearly the same."""
    counted, looked_up = (finite_population(30, n, 100_000) for n in (1_000, 1_001))
    assert 0 < counted.lower - looked_up.lower < 5
    assert 0 < counted.upper - looked_up.upper < 10


@given(SAMPLES)
def test_reviewing_everything_leaves_no_doubt(counts: tuple[int, int]) -> None:
    errors, sample = counts
    assert finite_population(errors, sample, sample) == CountInterval(errors, errors)


@given(SAMPLES, st.integers(0, 50), st.sampled_from(Method))
def test_counts_hold_what_was_seen(counts: tuple[int, int], unseen: int, method: Method) -> None:
    errors, sample = counts
    _, found = interval(errors, sample, population=sample + unseen, method=method)
    assert found is not None
    assert errors <= found.lower <= found.upper <= errors + unseen


def test_no_error_in_59_means_at_most_five_percent_and_in_149_two() -> None:
    assert 0.05 < upper_limit(0, 58) < 0.051
    assert upper_limit(0, 59) < 0.05
    assert upper_limit(0, 149) < 0.02 < upper_limit(0, 148)


def test_a_known_population_says_more() -> None:
    assert upper_limit(0, 59, population=100) < upper_limit(0, 59, population=10_000)
    assert upper_limit(0, 59, population=10_000) < upper_limit(0, 59)


def test_only_errors_can_be_all() -> None:
    limits, _ = interval(7, 7)
    assert limits.upper == upper_limit(7, 7) == 1


def test_unknown_population_gives_no_counts() -> None:
    assert stats("interval", "--errors", 0, "--sample", 20).keys() == {"rate", "lower", "upper"}


def test_what_can_not_be_is_refused_with_its_reason() -> None:
    with pytest.raises(NothingReviewed, match="no decision, no rate"):
        interval(0, 0)
    with pytest.raises(CountsContradict, match="3 errors in a sample of 2"):
        interval(3, 2)
    with pytest.raises(CountsContradict, match="sample of 5 from a population of 4"):
        upper_limit(0, 5, population=4)
    with pytest.raises(OutOfRange, match="confidence is 1"):
        interval(0, 5, confidence=Fraction(1))
    with pytest.raises(ConfidenceTooHigh, match=r"too near to 1 .* 0\.999999 or less"):
        interval(0, 5, confidence=1 - Fraction(1, 10**20))
