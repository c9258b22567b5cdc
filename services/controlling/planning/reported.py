"""How far a period's report will reach to each side, by the interval that the report itself uses.

There is no second formula: samples are drawn from populations with the expected errors, and each
is worked out as a report would; what is foreseen is the mean. The draws begin from one fixed seed,
so the same plan always gives the same figure.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np

from services.controlling.statistics.intervals import CONFIDENCE, interval
from services.controlling.statistics.stratified_limits import limits_of_draws

_DRAWS = 1_000
_SEED = 1
_STEPS = 12
_FEWEST = 2
Find = Callable[[float, Mapping[str, int], Mapping[str, float]], dict[str, int]]
"""Shares a sample out for an approximate half width."""


def reported_half_width(
    samples: Mapping[str, float],
    populations: Mapping[str, int],
    rates: Mapping[str, float],
    confidence: Fraction = CONFIDENCE,
) -> float:
    """Foresee the half width of the estimate over all strata.

    Args:
        samples: Reviews by stratum; expected numbers are rounded, and a stratum has two at least.
        populations: Decisions there are, by stratum.
        rates: Error rate expected in each stratum.
        confidence: How sure the report is.
    """
    sizes = {
        name: max(min(_FEWEST, n), min(n, round(samples[name]))) for name, n in populations.items()
    }
    if len(sizes) == 1:
        ((name, sample),) = sizes.items()
        return stratum_half_width(sample, populations[name], rates[name], confidence)
    if sizes == populations:
        return 0.0
    chance = np.random.default_rng(_SEED)
    population, sample = np.array([(n, sizes[name]) for name, n in populations.items()]).T
    wrong = np.array([round(rates[name] * n) for name, n in populations.items()])
    errors = chance.hypergeometric(wrong, population - wrong, sample, (_DRAWS, len(sizes)))
    members = np.broadcast_to(sample, errors.shape)
    lower, upper = limits_of_draws(population, sample, members, errors, confidence)
    return float((upper - lower).mean()) / 2


def stratum_half_width(
    sample: int, population: int, rate: float, confidence: Fraction = CONFIDENCE
) -> float:
    """Give the half width of one stratum's exact interval, if its sample shows the rate."""
    errors = round(rate * sample)
    limits, _ = interval(errors, sample, population=population, confidence=confidence)
    return (limits.upper - limits.lower) / 2


def stratum_sample(
    wanted: float, population: int, rate: float, confidence: Fraction = CONFIDENCE
) -> int:
    """Find the smallest sample from which on a stratum's report reaches no further than wanted."""
    low, high = 0, population
    while high - low > 1:
        middle = (low + high) // 2
        if stratum_half_width(middle, population, rate, confidence) <= wanted:
            high = middle
        else:
            low = middle
    return high


def samples_reaching(
    find: Find, wanted: float, populations: Mapping[str, int], rates: Mapping[str, float]
) -> dict[str, int]:
    """Find samples whose report reaches no further than wanted, shared out as `find` does.

    The approximation that shares out is asked for more and more, until the report is foreseen to
    keep to what is wanted.
    """
    aim = wanted
    for _ in range(_STEPS):
        samples = find(aim, populations, rates)
        reached = reported_half_width(samples, populations, rates)
        if reached <= wanted:
            return samples
        aim *= min(0.97, wanted / reached)
    return dict(populations)
