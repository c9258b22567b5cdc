"""The distributions of counts are those of scipy.stats, and quicker to load."""

import subprocess
import sys

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from services.controlling.statistics.discrete import binomial_cdf, binomial_quantile

RATES = st.floats(0.001, 0.999)
SAMPLES = st.integers(1, 2_000)


@settings(deadline=None)
@given(SAMPLES, RATES, st.floats(0.0001, 0.9999))
def test_quantiles_are_those_of_scipy(sample: int, rate: float, chance: float) -> None:
    found = binomial_quantile(chance, sample, rate)
    assert binom.cdf(found, sample, rate) >= chance - 1e-10
    assert found == 0 or binom.cdf(found - 1, sample, rate) < chance + 1e-10


@settings(deadline=None)  # the first call loads tables
@given(SAMPLES, RATES)
def test_chances_are_those_of_scipy(sample: int, rate: float) -> None:
    counts = np.arange(sample + 1)
    expected = binom.cdf(counts, sample, rate)
    assert np.abs(binomial_cdf(counts, sample, rate) - expected).max() < 1e-10


def test_a_command_does_not_wait_for_what_it_does_not_need() -> None:
    program = (
        "import sys, services.controlling.calculator.commands;"
        "print([name for name in ('scipy.stats', 'asyncpg') if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "[]\n"
