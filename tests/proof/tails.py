"""How often limits lie above the truth, and how often below it."""

import hashlib
from collections.abc import Iterator
from math import ceil, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from services.controlling.statistics.stratified_limits import limits_of_draws
from tests.proof.designs import Cell

DRAWS = 10_000
AGAIN = 100_000
"""A cell that misses more often than chance explains easily is drawn anew, so many times."""
_AT_ONCE = 10_000
_TAIL = 0.025
_ROUNDING = 1e-9

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]


class Tails(NamedTuple):
    """What one cell gave.

    Attributes:
        above: Share of the draws whose lower limit lies above the truth.
        below: Share whose upper limit lies below it.
        width: Mean distance of the limits.
        gamma_width: The same of the gamma limits, where every decision counts.
        draws: How many there were.
    """

    above: float
    below: float
    width: float
    gamma_width: float | None
    draws: int

    @property
    def worst(self) -> float:
        """The tail that misses more often."""
        return max(self.above, self.below)

    @property
    def holds(self) -> bool:
        """Whether no tail misses more often than 2.5 % and what chance makes of it."""
        return self.worst <= allowed(self.draws)


def allowed(draws: int, errors: float = 3) -> float:
    """Give 2.5 % and so many standard errors of the simulation."""
    return _TAIL + errors * sqrt(_TAIL * (1 - _TAIL) / draws)


def tails(cell: Cell) -> Tails:
    """Count, and once more with new draws where a tail seems to miss too often."""
    first = misses(cell, DRAWS)
    if first.worst <= allowed(DRAWS, errors=2):
        return first
    return misses(cell, AGAIN, "again")


def misses(cell: Cell, draws: int, what: str = "first") -> Tails:
    """Draw a cell so many times; the same each time."""
    digest = hashlib.sha256(f"{cell}/{what}".encode()).digest()
    chance = np.random.default_rng(int.from_bytes(digest[:8]))
    parts = [_part(cell, size, chance) for size in _portions(draws)]
    counted = [one.draws for one in parts]
    above, below, width = (
        float(np.average([one[at] for one in parts], weights=counted)) for at in range(3)
    )
    gamma = [one.gamma_width for one in parts if one.gamma_width is not None]
    return Tails(above, below, width, float(np.mean(gamma)) if gamma else None, draws)


def _portions(draws: int) -> Iterator[int]:
    for number in range(ceil(draws / _AT_ONCE)):
        yield min(_AT_ONCE, draws - number * _AT_ONCE)


def _part(cell: Cell, draws: int, chance: np.random.Generator) -> Tails:
    population, sample = np.array(cell.design.population), np.array(cell.design.sample)
    members, errors = np.array(cell.members), np.array(cell.errors)
    shape = (draws, len(population))
    belong = chance.hypergeometric(members, population - members, sample, size=shape)
    found = chance.hypergeometric(np.broadcast_to(errors, shape), members - errors, belong)
    told = belong.any(axis=1)
    lower, upper = limits_of_draws(population, sample, belong[told], found[told])
    return Tails(
        float((lower > cell.truth + _ROUNDING).sum() / draws),
        float((upper < cell.truth - _ROUNDING).sum() / draws),
        float((upper - lower).mean()),
        float(np.mean(gamma_width(population, sample, found))) if cell.whole else None,
        draws,
    )


def gamma_width(population: Numbers, sample: Numbers, errors: Numbers) -> Floats:
    """Give how far apart the limits of Fay and Feuer (1997) with finite populations are."""
    lower, upper = gamma_limits(population, sample, errors)
    return upper - lower


def gamma_limits(population: Numbers, sample: Numbers, errors: Numbers) -> tuple[Floats, Floats]:
    """Give them, by draw: known to be safe for rare errors, and wider than ours."""
    weights, total = population / sample, population.sum()
    unseen = 1 - sample / population
    rest = unseen > 0
    heaviest, most = weights[rest].max(), unseen[rest].max()
    number, variance = errors @ weights, errors @ (weights**2 * unseen)
    told = variance > 0
    scale = np.where(told, variance / np.where(told, number, 1), 1.0)
    lower = np.where(told, scale * gammaincinv(np.where(told, number / scale, 1), _TAIL), number)
    more, wide = number + heaviest, variance + heaviest**2 * most
    upper = wide / more * gammaincinv(more**2 / wide, 1 - _TAIL)
    seen, correct = errors.sum(axis=1), (sample - errors).sum(axis=1)
    return np.maximum(lower, seen) / total, np.minimum(upper, total - correct) / total
