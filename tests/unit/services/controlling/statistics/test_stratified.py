"""Strata sampled at different rates add up to one honest figure."""

from fractions import Fraction
from itertools import product
from math import comb, sqrt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.statistics.errors import (
    CountsContradict,
    NothingReviewed,
    StratumTooSmall,
    TableInvalid,
)
from services.controlling.statistics.stratified import (
    DomainStratum,
    Stratum,
    effective_sample,
    estimate_domain,
    estimate_mean,
    estimate_rate,
)
from tests.unit.services.controlling.calculator.vectors import stats


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int, int]:
    sample = draw(st.integers(2, 40))
    return sample + draw(st.integers(0, 300)), draw(st.integers(0, sample)), sample


STRATA = st.lists(counts(), min_size=1, max_size=5)


def strata_of(rows: list[tuple[int, int, int]]) -> list[Stratum]:
    return [
        Stratum.of_errors(str(number), population=n, errors=x, sample=k)
        for number, (n, x, k) in enumerate(rows)
    ]


def test_the_estimate_and_its_variance_are_unbiased() -> None:
    """Over every sample there is of two small strata, weighted by its chance."""
    populations, samples, truths = (6, 5), (3, 2), (2, 1)
    mean = variance = squares = Fraction(0)
    for found in product(range(3), range(2)):
        chance = Fraction(1)
        for n, k, errors, x in zip(populations, samples, truths, found, strict=True):
            chance *= Fraction(comb(errors, x) * comb(n - errors, k - x), comb(n, k))
        rows = zip(populations, found, samples, strict=True)
        one = estimate_rate(strata_of(list(rows)))
        estimate = Fraction(one.estimate).limit_denominator(10_000)
        mean += chance * estimate
        squares += chance * estimate**2
        variance += chance * Fraction(one.standard_error**2)
    assert mean == Fraction(sum(truths), sum(populations))
    assert float(variance) == pytest.approx(float(squares - mean**2))


@given(STRATA)
def test_the_rate_lies_between_its_limits_and_within_0_and_1(
    rows: list[tuple[int, int, int]],
) -> None:
    found = estimate_rate(strata_of(rows))
    assert -1e-12 <= found.interval.lower <= found.estimate + 1e-12
    assert found.estimate - 1e-12 <= found.interval.upper <= 1 + 1e-12
    assert found.standard_error <= found.standard_error_without_fpc


@given(STRATA)
def test_the_order_of_strata_does_not_matter(rows: list[tuple[int, int, int]]) -> None:
    one, other = estimate_rate(strata_of(rows)), estimate_rate(strata_of(rows[::-1]))
    assert one.estimate == pytest.approx(other.estimate)
    assert one.interval.upper == pytest.approx(other.interval.upper)


@given(STRATA)
def test_a_domain_of_everything_is_the_whole(rows: list[tuple[int, int, int]]) -> None:
    whole = estimate_rate(strata_of(rows))
    domain = estimate_domain(
        [DomainStratum(str(i), n, k, k, x) for i, (n, x, k) in enumerate(rows)]
    )
    assert domain.estimate == pytest.approx(whole.estimate)
    # The root of what rounding leaves of nothing, some 1e-16.
    assert domain.standard_error == pytest.approx(whole.standard_error, abs=1e-7)


def test_each_reviewed_decision_stands_for_those_not_reviewed() -> None:
    (stratum,) = strata_of([(200, 1, 10)])
    assert stratum.design_weight == 20
    assert effective_sample([stratum]) == 10


def test_everything_drawn_leaves_no_doubt() -> None:
    found = estimate_rate(strata_of([(10, 1, 10), (30, 2, 30)]))
    assert (found.standard_error, found.interval.lower, found.interval.upper) == (0, 0.075, 0.075)


@pytest.mark.parametrize("errors", [0, 20])
def test_no_error_and_only_errors_keep_an_interval(errors: int) -> None:
    limits = estimate_rate(strata_of([(100, errors, 20), (100, errors, 20)])).interval
    assert limits.upper - limits.lower == pytest.approx(1 - 0.025 ** (1 / 40))


def test_a_simple_sample_is_a_single_stratum() -> None:
    found = estimate_rate(strata_of([(1000, 10, 100)]))
    assert found.standard_error == pytest.approx(sqrt(0.1 * 0.9 / 99 * 0.9))


def test_a_stratum_of_which_too_little_was_reviewed_is_named() -> None:
    with pytest.raises(StratumTooSmall, match="stratum 0: 1 reviewed, at least 2 needed"):
        strata_of([(9, 0, 1)])
    with pytest.raises(StratumTooSmall, match="stratum 1: 0 reviewed"):
        strata_of([(9, 0, 9), (9, 0, 0)])


def test_a_stratum_of_one_decision_is_known_when_it_was_reviewed() -> None:
    assert estimate_rate(strata_of([(1, 1, 1), (50, 0, 10)])).estimate == pytest.approx(1 / 51)


def test_all_not_applicable_and_no_strata_have_no_rate() -> None:
    with pytest.raises(NothingReviewed, match="the domain is empty"):
        estimate_domain([DomainStratum("a", 100, 10, 0, 0)])
    with pytest.raises(NothingReviewed, match="list of strata"):
        estimate_mean([])
    with pytest.raises(CountsContradict):
        DomainStratum("a", 100, 10, 3, 4)


def test_errors_by_stratum_come_from_a_file_a_spreadsheet_wrote(tmp_path: Path) -> None:
    file = tmp_path / "strata.csv"
    file.write_text("stratum;population;errors;sample\nA;100;3;30\n\nB;1000;1;50\n")
    found = stats("stratified", file)
    assert found["estimate"] == pytest.approx((100 * 0.1 + 1000 * 0.02) / 1100)
    assert found["lower"] < found["estimate"] < found["upper"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: the header lacks the column stratum, population"),
        ("stratum,population,value\n", "line 1: there is no row below the header"),
        ("stratum,population,value\na,5\n", "line 2: has 2 cells, the header 3"),
        ("stratum,population,value\na,-5,1\n", "line 2: population: '-5' is not a whole number"),
        ("stratum,population,value\na,5,x\n", "line 2: value: 'x' is not a number"),
        ("stratum,population,value\na,5,1\na,6,1\n", "line 3: population: stratum a had 5"),
        ("stratum,population,errors\na,5,1\n", "line 1: the header lacks the column sample"),
    ],
)
def test_a_file_that_can_not_be_used_is_explained(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "strata.csv"
    file.write_text(text)
    with pytest.raises(TableInvalid, match=sentence):
        stats("stratified", file)
