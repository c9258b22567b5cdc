"""Sample sizes are the smallest that keep the promise."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from services.controlling.planning.sample_sizes import attribute_sample, proportion_sample
from services.controlling.statistics.errors import NoSampleSuffices, OutOfRange
from services.controlling.statistics.intervals import upper_limit

PERCENT = Fraction(1, 100)


@given(st.integers(3, 30), st.integers(0, 2))
def test_the_allowed_errors_show_the_tolerable_rate_and_one_more_does_not(
    tolerable: int, expected: int
) -> None:
    found = attribute_sample(tolerable=tolerable * PERCENT, expected=expected * PERCENT)
    assert upper_limit(found.allowed_errors, found.n) <= tolerable / 100
    assert upper_limit(found.allowed_errors + 1, found.n) > tolerable / 100


def test_the_ceiling_is_of_the_exact_product() -> None:
    """0.07 * 100 is 7, though floats say 7.000000000000001 and would allow 8."""
    found = attribute_sample(tolerable=Fraction("0.1321"), expected=Fraction("0.07"))
    assert found.allowed_errors * 100 >= 7 * found.n > (found.allowed_errors - 1) * 100


def test_a_small_population_needs_fewer() -> None:
    sizes = [
        attribute_sample(tolerable=5 * PERCENT, expected=Fraction(0), population=population).n
        for population in (40, 100, 1_000, 100_000)
    ]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 59
    assert hypergeom.cdf(0, 100, 5, sizes[1]) <= 0.05 < hypergeom.cdf(0, 100, 5, sizes[1] - 1)


def test_one_decision_is_reviewed_whole() -> None:
    assert attribute_sample(tolerable=Fraction(1, 2), expected=Fraction(0), population=1) == (1, 0)
    assert proportion_sample(half_width=PERCENT, population=1) == 1


def test_a_narrower_interval_or_more_decisions_need_more_reviews() -> None:
    assert proportion_sample(half_width=PERCENT) > proportion_sample(half_width=2 * PERCENT)
    assert proportion_sample(half_width=PERCENT, population=500) <= 500


def test_what_no_sample_shows_is_said() -> None:
    with pytest.raises(NoSampleSuffices, match=r"expected rate 0.05 isn't below 0.05"):
        attribute_sample(tolerable=5 * PERCENT, expected=5 * PERCENT)
    with pytest.raises(NoSampleSuffices, match="too near"):
        attribute_sample(tolerable=5 * PERCENT, expected=Fraction("0.0499"), population=20)
    with pytest.raises(OutOfRange, match="population is 0"):
        proportion_sample(half_width=PERCENT, population=0)
