"""How many decisions must be reviewed to be able to say something."""

from fractions import Fraction
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.controlling.statistics.discrete import binomial_cdf, hypergeometric_cdf
from services.controlling.statistics.errors import NoSampleSuffices, OutOfRange
from services.controlling.statistics.intervals import (
    CONFIDENCE,
    check_confidence,
    normal_quantile,
)

LARGEST = 1_000_000
"""A larger sample isn't looked for; nobody reviews a million decisions."""
_BLOCK = 4_096


class AttributeSample(NamedTuple):
    """So many decisions, and so many errors among them that still show the tolerable rate."""

    n: int
    allowed_errors: int


def attribute_sample(
    *,
    tolerable: Fraction,
    expected: Fraction,
    risk: Fraction = 1 - CONFIDENCE,
    population: int | None = None,
) -> AttributeSample:
    """Find the smallest sample that shows an error rate below the tolerable one.

    The smallest n with P(X <= ceil(expected * n)) <= risk, X ~ Binomial(n, tolerable); with a
    known population X is hypergeometric and the population holds ceil(tolerable * N) errors.
    Source: AICPA Audit Guide "Audit Sampling" (2017), table A-1; the product under the ceiling is
    exact, since a float ceiling takes one error more where the product is a whole number.

    Raises:
        NoSampleSuffices: the expected rate isn't below the tolerable one, or as good as equal.
    """
    _check(tolerable, expected, risk, population)
    largest = LARGEST if population is None else population
    for start in range(1, largest + 1, _BLOCK):
        sizes = np.arange(start, min(start + _BLOCK, largest + 1))
        allowed = np.array([ceil(expected * int(n)) for n in sizes])
        enough = _risks(sizes, allowed, tolerable, population) <= float(risk)
        if enough.any():
            first = int(enough.argmax())
            return AttributeSample(int(sizes[first]), int(allowed[first]))
    reason = f"{float(expected):g} is too near to {float(tolerable):g}"
    raise NoSampleSuffices(f"an expected rate of {reason} for {largest} decisions to tell apart")


def proportion_sample(
    *,
    half_width: Fraction,
    rate: Fraction = Fraction(1, 2),
    population: int | None = None,
    confidence: Fraction = CONFIDENCE,
) -> int:
    """Find the sample whose interval reaches `half_width` to each side of the rate.

    n0 = z^2 p (1 - p) / h^2, and n = n0 / (1 + (n0 - 1) / N) in a population of N. Source: W. G.
    Cochran, "Sampling Techniques", 3rd ed. (1977), 4.4. A rate of one half needs the most.
    """
    check_confidence(confidence)
    if not 0 < half_width < 1:
        raise OutOfRange("half width", float(half_width), "above 0 and below 1")
    if not 0 < rate < 1:
        raise OutOfRange("rate", float(rate), "above 0 and below 1")
    unlimited = normal_quantile(confidence) ** 2 * float(rate * (1 - rate) / half_width**2)
    if population is None:
        return ceil(unlimited)
    _check_population(population)
    return min(population, ceil(unlimited * population / (population - 1 + unlimited)))


def _check(tolerable: Fraction, expected: Fraction, risk: Fraction, population: int | None) -> None:
    if not 0 < tolerable <= 1:
        raise OutOfRange("tolerable rate", float(tolerable), "above 0 and at most 1")
    if expected < 0:
        raise OutOfRange("expected rate", float(expected), "at least 0")
    if not 0 < risk < 1:
        raise OutOfRange("risk", float(risk), "above 0 and below 1")
    if expected >= tolerable:
        reason = f"the expected rate {float(expected):g} isn't below {float(tolerable):g}"
        raise NoSampleSuffices(reason)
    if population is not None:
        _check_population(population)


def _check_population(population: int) -> None:
    if population < 1:
        raise OutOfRange("population", population, "at least 1")


def _risks(
    sizes: NDArray[np.int64],
    allowed: NDArray[np.int64],
    tolerable: Fraction,
    population: int | None,
) -> NDArray[np.float64]:
    """Give the chance to pass each sample although the rate is the tolerable one."""
    if population is None:
        return binomial_cdf(allowed, sizes, float(tolerable))
    return hypergeometric_cdf(allowed, population, ceil(tolerable * population), sizes)
