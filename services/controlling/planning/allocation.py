"""How a sample is shared out over strata."""

from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heapreplace
from itertools import islice
from math import fsum, sqrt

from services.controlling.statistics.errors import CountsContradict, OutOfRange
from services.controlling.statistics.intervals import CONFIDENCE, normal_quantile

_SEVERAL = 2


def proportional(sample: int, populations: Mapping[str, int]) -> dict[str, int]:
    """Share out by size, so that every decision has the same chance (Cochran 1977, 5.2)."""
    return _share_out(sample, populations, {name: float(n) for name, n in populations.items()})


def neyman(
    sample: int, populations: Mapping[str, int], rates: Mapping[str, float]
) -> dict[str, int]:
    """Share out for the most precise whole: by size times standard deviation.

    Source: J. Neyman, "On the two different aspects of the representative method", JRSS 97
    (1934). A stratum that would get more than it holds is reviewed whole and the rest is shared
    out among the others (Cochran 1977, 5.8).

    Args:
        sample: Decisions to review.
        populations: Decisions there are, by stratum.
        rates: Error rate expected in each stratum.
    """
    return _share_out(sample, populations, _spreads(populations, rates))


def proportional_for(
    half_width: float, populations: Mapping[str, int], rates: Mapping[str, float]
) -> dict[str, int]:
    """Find the smallest sample, shared out by size, whose estimate reaches so far to each side."""
    weights = {name: float(n) for name, n in populations.items()}
    return _precise(half_width, populations, rates, weights)


def neyman_for(
    half_width: float, populations: Mapping[str, int], rates: Mapping[str, float]
) -> dict[str, int]:
    """Find the smallest sample of all whose estimate reaches so far to each side.

    Cochran 1977, 5.9, in whole numbers: reviews go where they take away most variance until the
    half width is reached. Of every stratum two are reviewed, or it would be refused.
    """
    return _precise(half_width, populations, rates, _spreads(populations, rates))


def _spreads(populations: Mapping[str, int], rates: Mapping[str, float]) -> dict[str, float]:
    for name, rate in rates.items():
        if not 0 <= rate <= 1:
            raise OutOfRange(f"the rate of {name}", rate, "from 0 to 1")
    spreads = {
        name: population * sqrt(rates[name] * (1 - rates[name]))
        for name, population in populations.items()
    }
    if not any(spreads.values()):  # nothing is expected to vary, so no stratum is preferred
        return {name: float(population) for name, population in populations.items()}
    return spreads


def _variance(population: int, sample: float, rate: float) -> float:
    """Give the variance of a stratum's estimated number of errors."""
    if population < _SEVERAL or sample >= population:
        return 0.0
    spread = rate * (1 - rate) * population / (population - 1)
    return population**2 * spread / sample * (1 - sample / population)


def _share_out(
    sample: int, populations: Mapping[str, int], weights: Mapping[str, float]
) -> dict[str, int]:
    if not 0 <= sample <= sum(populations.values()):
        raise CountsContradict(f"a sample of {sample} from {sum(populations.values())} decisions")
    shared = dict.fromkeys(populations, 0)
    for name in islice(_best_first(populations, weights), sample):
        shared[name] += 1
    return shared


def _precise(
    wanted: float,
    populations: Mapping[str, int],
    rates: Mapping[str, float],
    weights: Mapping[str, float],
) -> dict[str, int]:
    if not 0 < wanted < 1:
        raise OutOfRange("half width", wanted, "above 0 and below 1")
    allowed = (wanted * sum(populations.values()) / normal_quantile(CONFIDENCE)) ** 2
    shared = {name: min(n, _SEVERAL) for name, n in populations.items()}
    variances = {name: _variance(n, shared[name], rates[name]) for name, n in populations.items()}
    left = fsum(variances.values())
    for name in _best_first(populations, weights, shared):
        if left <= allowed:
            break
        shared[name] += 1
        before, variances[name] = (
            variances[name],
            _variance(populations[name], shared[name], rates[name]),
        )
        left += variances[name] - before
    return shared


def _best_first(
    populations: Mapping[str, int],
    weights: Mapping[str, float],
    begun: Mapping[str, int] | None = None,
) -> Iterator[str]:
    """Name, again and again, the stratum whose next review takes away most variance.

    T. Wright, "The equivalence of Neyman optimum allocation for sampling and equal proportions",
    American Statistician 66 (2012): whole numbers that are best, not rounded ones. A stratum of
    which nothing is reviewed goes first, since nothing can be said about it.
    """
    names = list(populations)
    reviewed = {name: (begun or {}).get(name, 0) for name in names}

    def turn(place: int) -> tuple[bool, float, int]:
        done = reviewed[names[place]]
        gain = weights[names[place]] / sqrt(max(1, done * (done + 1)))
        return done > 0, -gain, place

    waiting = [turn(n) for n, name in enumerate(names) if reviewed[name] < populations[name]]
    heapify(waiting)
    while waiting:
        place = waiting[0][2]
        reviewed[names[place]] += 1
        yield names[place]
        if reviewed[names[place]] < populations[names[place]]:
            heapreplace(waiting, turn(place))
        else:
            heappop(waiting)
