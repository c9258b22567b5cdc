"""Quantiles of the beta distribution, beside SciPy's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betainc, betaincinv

from services.controlling.statistics.beta import distribution, quantile

SHAPES = st.floats(0.05, 100_000)
CHANCES = st.floats(1e-6, 1 - 1e-6)


@given(SHAPES, SHAPES, CHANCES)
def test_quantiles_are_those_of_scipy(a: float, b: float, chance: float) -> None:
    assert quantile(a, b, chance) == pytest.approx(betaincinv(a, b, chance), rel=1e-8, abs=1e-15)


@given(SHAPES, SHAPES, st.floats(0, 1))
def test_the_distribution_is_that_of_scipy(a: float, b: float, x: float) -> None:
    assert distribution(a, b, x) == pytest.approx(betainc(a, b, x), rel=1e-8, abs=1e-12)


@pytest.mark.parametrize(
    ("a", "b", "chance", "found"),
    [(1, 1, 0.25, 0.25), (1, 2, 0.75, 0.5), (2, 1, 0.25, 0.5), (3, 3, 0.5, 0.5)],
)
def test_what_can_be_worked_out_by_hand(a: float, b: float, chance: float, found: float) -> None:
    assert quantile(a, b, chance) == pytest.approx(found, abs=1e-15)


@pytest.mark.parametrize(("a", "b"), [(1, 3_000_000), (3_000_000, 1), (1.5e6, 1.5e6), (0.01, 5)])
@pytest.mark.parametrize("chance", [1e-6, 0.025, 0.975, 1 - 1e-6])
def test_very_rare_and_very_many(a: float, b: float, chance: float) -> None:
    assert quantile(a, b, chance) == pytest.approx(betaincinv(a, b, chance), rel=1e-8, abs=1e-15)
