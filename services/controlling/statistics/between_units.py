"""By how much units differ beyond chance, the mix of cases held: a figure of its own.

Sources: R. C. Paule, J. Mandel, "Consensus values and weighting factors", Journal of Research of
the National Bureau of Standards 87 (1982); W. Viechtbauer, "Confidence intervals for the amount of
heterogeneity in meta-analysis", Statistics in Medicine 26 (2007), the Q-profile.
"""

from collections.abc import Callable, Mapping, Sequence
from math import fsum, sqrt
from typing import NamedTuple

from scipy.special import chdtri

from services.controlling.statistics.charts import Counts
from services.controlling.statistics.intervals import CONFIDENCE

_SEVERAL = 2
_CLOSE = 1e-12
_MOST = 0.25


class Between(NamedTuple):
    """The variance of units' true rates around what their own cases let expect.

    Attributes:
        variance: Of rates, so its root is in shares of one; 0 where chance explains all.
        lower: Its lower limit.
        upper: Its upper limit.
        units: How many were compared.
    """

    variance: float
    lower: float
    upper: float
    units: int

    @property
    def deviation(self) -> float:
        """How far apart units usually are, as a rate."""
        return sqrt(self.variance)


class _Unit(NamedTuple):
    distance: float
    chance: float


def between_units(mix: Mapping[str, Mapping[str, Counts]]) -> Between | None:
    """Estimate it; None where fewer than two units can differ.

    A unit's distance is its rate less the rate that all units together have on its mix of cases.
    The variance is the one at which the weighted squares of the distances are what chance makes of
    them (Paule, Mandel); its limits are those that chi-squared rejects on neither side. They are
    rough where many units have a handful of cases, for whose rates the normal curve is none.
    """
    units = _units(mix)
    if len(units) < _SEVERAL:
        return None
    freedom, tail = len(units) - 1, float((1 - CONFIDENCE) / 2)
    wanted = (freedom, float(chdtri(freedom, tail)), float(chdtri(freedom, 1 - tail)))
    variance, lower, upper = (_where(lambda at: _squares(units, at), one) for one in wanted)
    return Between(variance, lower, upper, len(units))


def _units(mix: Mapping[str, Mapping[str, Counts]]) -> Sequence[_Unit]:
    found: dict[str, list[tuple[Counts, float]]] = {}
    for counts in mix.values():
        sample = sum(one.sample for one in counts.values())
        rate = sum(one.errors for one in counts.values()) / sample
        for unit, own in counts.items():
            found.setdefault(unit, []).append((own, rate))
    return [one for one in map(_unit, found.values()) if one.chance > 0]


def _unit(own: Sequence[tuple[Counts, float]]) -> _Unit:
    sample = sum(counts.sample for counts, _ in own)
    distance = fsum(counts.errors - counts.sample * rate for counts, rate in own) / sample
    chance = fsum(counts.sample * rate * (1 - rate) for counts, rate in own) / sample**2
    return _Unit(distance, chance)


def _squares(units: Sequence[_Unit], variance: float) -> float:
    weights = [1 / (one.chance + variance) for one in units]
    centre = fsum(weight * one.distance for weight, one in zip(weights, units, strict=True)) / fsum(
        weights
    )
    return fsum(
        weight * (one.distance - centre) ** 2 for weight, one in zip(weights, units, strict=True)
    )


def _where(squares: Callable[[float], float], wanted: float) -> float:
    """Find the variance at which the squares have fallen to what is wanted.

    It is 0 if they are less without any, and never more than rates between 0 and 1 can have.
    """
    low, high = 0.0, _MOST
    if squares(low) <= wanted:
        return low
    if squares(high) > wanted:
        return high
    while high - low > _CLOSE:
        middle = (low + high) / 2
        low, high = (middle, high) if squares(middle) > wanted else (low, middle)
    return (low + high) / 2
