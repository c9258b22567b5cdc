"""How a sample is shared out over strata."""

from collections.abc import Mapping
from math import sqrt

from services.controlling.statistics.errors import CountsContradict, OutOfRange


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
    for name, rate in rates.items():
        if not 0 <= rate <= 1:
            raise OutOfRange(f"the rate of {name}", rate, "from 0 to 1")
    spreads = {
        name: population * sqrt(rates[name] * (1 - rates[name]))
        for name, population in populations.items()
    }
    return _share_out(sample, populations, spreads)


def _share_out(
    sample: int, populations: Mapping[str, int], weights: Mapping[str, float]
) -> dict[str, int]:
    if not 0 <= sample <= sum(populations.values()):
        raise CountsContradict(f"a sample of {sample} from {sum(populations.values())} decisions")
    shared = dict.fromkeys(populations, 0)
    for _ in range(sample):
        shared[_next(shared, populations, weights)] += 1
    return shared


def _next(
    shared: Mapping[str, int], populations: Mapping[str, int], weights: Mapping[str, float]
) -> str:
    """Name the stratum whose next review takes away most variance.

    T. Wright, "The equivalence of Neyman optimum allocation for sampling and equal proportions",
    American Statistician 66 (2012): whole numbers that are best, not rounded ones. A stratum of
    which nothing is reviewed goes first, since nothing can be said about it.
    """

    def gain(name: str) -> tuple[bool, float]:
        reviewed = shared[name]
        return reviewed == 0, weights[name] / sqrt(max(1, reviewed * (reviewed + 1)))

    return max((name for name in populations if shared[name] < populations[name]), key=gain)
