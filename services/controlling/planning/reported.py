"""How far a report will reach to each side, by the interval that the report itself uses.

There is no second formula: samples are drawn as the policy draws them, from decisions with the
expected errors, and each is worked out as a report of these periods would; what is foreseen is the
mean. The draws begin from one fixed seed, so the same plan always gives the same figure.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.controlling.statistics.intervals import CONFIDENCE
from services.controlling.statistics.stratified_limits import limits_of_draws

_DRAWS = 1_000
_DESIGNS = 20
_SEED = 1
_STEPS = 12
_CLOSER = 6
_NOTHING_KNOWN = 0.5
Find = Callable[[float, Mapping[str, int], Mapping[str, float]], dict[str, int]]
"""Shares a sample out for an approximate half width."""


class Planned(NamedTuple):
    """A stratum of one period, as a policy draws it.

    Attributes:
        population: Decisions there are.
        rate: The chance of each of them.
        minimum: What the sample is topped up to.
        errors: Error rate that is expected.
    """

    population: int
    rate: float
    minimum: int
    errors: float


def reported_half_width(strata: Sequence[Planned]) -> float:
    """Foresee the half width of the estimate over all strata of all periods that are reported.

    What chance draws nothing of isn't spoken for, as in the report. Where nothing at all would be
    drawn, nothing is known: one half.
    """
    if not strata:
        return _NOTHING_KNOWN
    chance = np.random.default_rng(_SEED)
    population, rate, minimum, errors = (np.array(column) for column in zip(*strata, strict=True))
    designs = _DESIGNS if ((rate > 0) & (rate < 1)).any() else 1
    found = []
    for _ in range(designs):
        drawn = chance.binomial(population, rate)
        sample = np.maximum(np.minimum(minimum, population), drawn)
        seen = sample > 0
        if seen.any():
            draws = (_DRAWS // designs, int(seen.sum()))
            wrong = chance.binomial(sample[seen], errors[seen], draws)
            found.append(_half_width(population[seen], sample[seen], wrong))
    return sum(found) / len(found) if found else _NOTHING_KNOWN


def _half_width(
    population: NDArray[np.int64], sample: NDArray[np.int64], errors: NDArray[np.int64]
) -> float:
    """Give the mean over what several draws by one design found."""
    members = np.broadcast_to(sample, errors.shape)
    lower, upper = limits_of_draws(population, sample, members, errors, CONFIDENCE)
    return float((upper - lower).mean()) / 2


def stratum_sample(wanted: float, sizes: Sequence[int], errors: float) -> int:
    """Find the smallest sample from which on a stratum's report reaches no further than wanted.

    Args:
        wanted: Half width.
        sizes: Decisions that the stratum holds, by period.
        errors: Error rate that is expected.
    """
    low, high = 0, sum(sizes)
    while high - low > 1:
        middle = (low + high) // 2
        if reported_half_width(by_size(middle, sizes, errors)) <= wanted:
            high = middle
        else:
            low = middle
    return high


def samples_reaching(
    find: Find, wanted: float, sizes: Mapping[str, Sequence[int]], errors: Mapping[str, float]
) -> dict[str, int]:
    """Find samples whose report reaches no further than wanted, shared out as `find` does.

    The approximation that shares out is asked for more and more, until the report is foreseen to
    keep to what is wanted; then for as little as it may be asked for.

    Args:
        find: Shares out.
        wanted: Half width.
        sizes: Decisions of each stratum, by period.
        errors: Error rate that is expected in each.
    """
    totals = {name: sum(held) for name, held in sizes.items()}
    fine, coarse, reaching = wanted, 1.0, totals
    for _ in range(_STEPS):
        samples = find(fine, totals, errors)
        reached = reported_half_width(all_by_size(samples, sizes, errors))
        if reached <= wanted:
            reaching = samples
            break
        fine, coarse = fine * min(0.97, wanted / reached), fine
    else:
        return totals
    for _ in range(_CLOSER):
        aim = (fine + coarse) / 2
        samples = find(aim, totals, errors)
        if reported_half_width(all_by_size(samples, sizes, errors)) <= wanted:
            fine, reaching = aim, samples
        else:
            coarse = aim
    return reaching


def all_by_size(
    samples: Mapping[str, int], sizes: Mapping[str, Sequence[int]], errors: Mapping[str, float]
) -> list[Planned]:
    """Plan samples of several strata."""
    return [
        one for name, held in sizes.items() for one in by_size(samples[name], held, errors[name])
    ]


def by_size(sample: int, sizes: Sequence[int], errors: float) -> list[Planned]:
    """Plan a stratum's sample: of one period exactly so many, else by one rate in all of them."""
    if len(sizes) == 1:
        return [Planned(sizes[0], 0.0, sample, errors)]
    return [Planned(size, sample / sum(sizes), 0, errors) for size in sizes]
