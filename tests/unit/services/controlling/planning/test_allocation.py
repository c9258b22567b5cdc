"""Reviews are shared out whole, and where they tell most."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from math import fsum, sqrt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.planning.allocation import (
    neyman,
    neyman_for,
    proportional,
    proportional_for,
)
from services.controlling.planning.sample_sizes import proportion_sample
from services.controlling.statistics.errors import CountsContradict, OutOfRange
from services.controlling.statistics.intervals import CONFIDENCE, normal_quantile
from tests.unit.services.controlling.calculator.vectors import stats

POPULATIONS = {"a": 12, "b": 7, "c": 30}
RATES = {"a": 0.5, "b": 0.02, "c": 0.1}


def half_width(
    sample: Mapping[str, int], populations: Mapping[str, int], rates: Mapping[str, float]
) -> float:
    """The normal approximation with finite population correction (Cochran 1977, 5.3)."""
    variances = [
        n**2 * rates[name] * (1 - rates[name]) * n / (n - 1) / sample[name] * (1 - sample[name] / n)
        for name, n in populations.items()
    ]
    return normal_quantile(CONFIDENCE) * sqrt(fsum(variances)) / sum(populations.values())


@given(st.integers(0, 49))
def test_nothing_is_lost_and_no_stratum_gets_more_than_it_holds(sample: int) -> None:
    for shared in (proportional(sample, POPULATIONS), neyman(sample, POPULATIONS, RATES)):
        assert sum(shared.values()) == sample
        assert all(shared[name] <= POPULATIONS[name] for name in POPULATIONS)


@pytest.mark.parametrize("sample", [3, 10, 25, 40])
def test_no_other_way_to_share_is_more_precise(sample: int) -> None:
    def variance(shares: tuple[int, ...]) -> float:
        return sum(
            n * n * RATES[name] * (1 - RATES[name]) / share
            for (name, n), share in zip(POPULATIONS.items(), shares, strict=True)
        )

    every = product(*(range(1, n + 1) for n in POPULATIONS.values()))
    best = min(variance(shares) for shares in every if sum(shares) == sample)
    assert variance(tuple(neyman(sample, POPULATIONS, RATES).values())) == pytest.approx(best)


@pytest.mark.parametrize("wanted", [0.2, 0.1, 0.05, 0.02])
def test_the_sample_for_a_precision_is_the_smallest_that_reaches_it(wanted: float) -> None:
    every = product(*(range(2, n + 1) for n in POPULATIONS.values()))
    enough = [
        sum(shares)
        for shares in every
        if half_width(dict(zip(POPULATIONS, shares, strict=True)), POPULATIONS, RATES) <= wanted
    ]
    found = neyman_for(wanted, POPULATIONS, RATES)
    assert half_width(found, POPULATIONS, RATES) <= wanted
    assert sum(found.values()) == min(enough)


@pytest.mark.parametrize("wanted", [0.1, 0.05, 0.03])
def test_shares_by_size_need_no_fewer(wanted: float) -> None:
    even = proportional_for(wanted, POPULATIONS, RATES)
    assert half_width(even, POPULATIONS, RATES) <= wanted
    assert sum(even.values()) >= sum(neyman_for(wanted, POPULATIONS, RATES).values())


def test_one_stratum_needs_what_a_simple_sample_needs() -> None:
    """Cochran 1977, 4.4, is the case of one stratum."""
    simple = proportion_sample(half_width=Fraction(1, 20), rate=Fraction(1, 5), population=500)
    assert neyman_for(0.05, {"all": 500}, {"all": 0.2}) == {"all": simple}


def test_everything_is_reviewed_when_less_is_not_precise_enough() -> None:
    assert neyman_for(1e-9, POPULATIONS, RATES) == POPULATIONS


def test_a_half_width_of_nothing_is_refused() -> None:
    with pytest.raises(OutOfRange, match="half width is 0"):
        neyman_for(0, POPULATIONS, RATES)


def test_shares_follow_the_size() -> None:
    assert proportional(60, {"a": 100, "b": 200, "c": 300}) == {"a": 10, "b": 20, "c": 30}


def test_a_rate_column_asks_for_the_most_precise(tmp_path: Path) -> None:
    file = tmp_path / "strata.csv"
    file.write_text("stratum,population,rate\na,100,0.5\nb,100,0.01\n")
    found = stats("allocation", file, "--take", 60)
    assert found["a"] > 4 * found["b"]


@pytest.mark.parametrize("rates", [{"a": 0, "b": 0}, {"a": 1, "b": 1}, {"a": 0, "b": 1}])
def test_where_nothing_is_expected_to_vary_shares_follow_the_size(rates: dict[str, float]) -> None:
    populations = {"a": 100, "b": 300}
    assert neyman(20, populations, rates) == {"a": 5, "b": 15}


def test_rates_with_a_decimal_comma_are_read(tmp_path: Path) -> None:
    point, comma = tmp_path / "point.csv", tmp_path / "comma.csv"
    point.write_text("stratum,population,rate\na,100,0.5\nb,100,0.01\n")
    comma.write_text("stratum;population;rate\na;100;0,5\nb;100;,01\n")
    assert stats("allocation", comma, "--take", 60) == stats("allocation", point, "--take", 60)


def test_more_than_there_is_and_rates_beyond_1_are_refused() -> None:
    with pytest.raises(CountsContradict, match="50 from 49"):
        proportional(50, POPULATIONS)
    with pytest.raises(OutOfRange, match="rate of a is 2"):
        neyman(5, POPULATIONS, {"a": 2, "b": 0, "c": 0})
