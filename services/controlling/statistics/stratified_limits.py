"""The interval of a period's figures: limits of a rate over several strata, chosen by coverage.

Each stratum is a simple random sample without replacement. One stratum that isn't reviewed whole
has its exact hypergeometric limits, to which the errors of the others are added. Several have the
limits of Clopper and Pearson for the errors and the sample that they are worth together:

- y = sum of w x estimates the errors (w = N/n of a stratum, x found), v = sum of w^2 u x its
  variance, where u = (N - n)/(N - 1) is the share of it that is left in a finite population;
- worth are a = y^2/v errors in a sample of a T/y, with T decisions in all;
- for the upper limit one more error of the heaviest stratum is taken as found, as Clopper and
  Pearson take one (M. P. Fay, E. J. Feuer, "Confidence intervals for directly standardized rates",
  Statistics in Medicine 16, 1997, do it so with a gamma distribution, which is wider);
- the correct decisions are counted likewise from the other side, and the wider limits hold, so that
  the share of errors and the share of correct ones say the same;
- strata that were reviewed whole are set aside: what is known would make what isn't look surer.

Where a question applies to some decisions only, their number is estimated, too: T is the sum of w
members, and v gets the variance that their unknown number adds. In a stratum without a member in
its sample, those there may be are taken to be all right for the lower limit and all wrong for the
upper one. There nothing is set aside for good: both ways are worked out, and the wider limits hold.

One review in a stratum is enough: nothing asks for a variance within it.

How often the limits miss the truth was counted over a grid of designs: `make proof`.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from services.controlling.statistics.errors import NothingReviewed
from services.controlling.statistics.intervals import (
    CONFIDENCE,
    Interval,
    check_confidence,
    finite_population,
)
from services.controlling.statistics.stratified import DomainStratum

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

_HALF = 0.5  # a member and a decision that is none, each seen half a time more: no share is certain


def stratified_limits(
    strata: Sequence[DomainStratum], confidence: Fraction = CONFIDENCE
) -> Interval:
    """Give the limits of the rate among the decisions to which the question applies.

    Raises:
        NothingReviewed: it applies to none that was reviewed.
    """
    if not any(one.members for one in strata):
        raise NothingReviewed("the domain")
    rows = [(one.population, one.sample, one.members, one.errors) for one in strata]
    population, sample, members, errors = np.array(rows, dtype=np.int64).T
    lower, upper = limits_of_draws(population, sample, members[None], errors[None], confidence)
    return Interval(float(lower[0]), float(upper[0]))


def limits_of_draws(
    population: Counts,
    sample: Counts,
    members: Counts,
    errors: Counts | Floats,
    confidence: Fraction = CONFIDENCE,
) -> tuple[Floats, Floats]:
    """Give lower and upper limit of many samples that were drawn by one design.

    Args:
        population: Decisions there are, by stratum.
        sample: Decisions reviewed, by stratum; at least one of each.
        members: Of those the decisions to which the question applies, by draw and stratum; at
            least one in each draw.
        errors: Of those the errors, by draw and stratum; they may be expected ones, and no whole
            numbers, unless only one stratum wasn't reviewed whole.
        confidence: How sure the limits are.
    """
    check_confidence(confidence)
    lower, upper = np.empty(len(errors)), np.empty(len(errors))
    always = (members == sample).all(axis=1)
    if always.any():
        lower[always], upper[always] = _of_all(population, sample, errors[always], confidence)
    if not always.all():
        some = ~always
        domain = _Domain.of(population, sample, members[some], errors[some])
        lower[some], upper[some] = domain.limits(float((1 - confidence) / 2))
    return lower, upper


def _of_all(
    population: Counts, sample: Counts, errors: Counts | Floats, confidence: Fraction
) -> tuple[Floats, Floats]:
    """Give the limits where the question applies to every decision."""
    rest = sample < population
    known = errors[:, ~rest].sum(axis=1)
    size, n, found = population[rest], sample[rest], errors[:, rest]
    if len(size) == 0:
        lower = upper = np.zeros(len(errors))
    elif len(size) == 1:
        lower, upper = _exact(int(size[0]), int(n[0]), found[:, 0], confidence)
    else:
        unseen = np.broadcast_to((size - n) / (size - 1), found.shape)
        total = np.full(len(found), float(size.sum()))
        still = np.zeros(len(found))
        part = _Part(size / n, unseen, unseen.max(), total, found, n - found, still, still)
        lower, upper = part.limits(float((1 - confidence) / 2))
        lower = np.maximum(lower, found.sum(axis=1))
        upper = np.minimum(upper, total - (n - found).sum(axis=1))
    everything = population.sum()
    return (lower + known) / everything, (upper + known) / everything


def _exact(
    population: int, sample: int, errors: Counts | Floats, confidence: Fraction
) -> tuple[Floats, Floats]:
    seen, places = np.unique(errors, return_inverse=True)
    limits = [finite_population(int(one), sample, population, confidence) for one in seen]
    ends = np.array([(one.lower, one.upper) for one in limits], dtype=np.float64)
    return ends[places, 0], ends[places, 1]


class _Part(NamedTuple):
    """Strata whose counts are put together.

    Attributes:
        weights: Decisions that each reviewed one stands for, by stratum.
        unseen: Share of the variance that is left in a finite population, by draw and stratum.
        most_unseen: The same of the error that is taken as found for the upper limit.
        total: Decisions to which the question applies, by draw.
        errors: Found, by draw and stratum.
        correct: Likewise.
        moved_down: Variance that the unknown number of members adds below, by draw.
        moved_up: Likewise above.
    """

    weights: Floats
    unseen: Floats
    most_unseen: float
    total: Floats
    errors: Counts | Floats
    correct: Counts | Floats
    moved_down: Floats
    moved_up: Floats

    def limits(self, tail: float) -> tuple[Floats, Floats]:
        """Give lower and upper number of errors: the wider ones of both ways to count."""
        fewest = self._fewest(self.errors, self.moved_down, tail)
        most = self._most(self.errors, self.moved_up, tail)
        fewest_correct = self._fewest(self.correct, self.moved_up, tail)
        most_correct = self._most(self.correct, self.moved_down, tail)
        return (
            np.minimum(fewest, self.total - most_correct),
            np.maximum(most, self.total - fewest_correct),
        )

    def _fewest(self, found: Counts | Floats, moved: Floats, tail: float) -> Floats:
        number, variance = found @ self.weights, self._variance(found) + moved
        told = (number > 0) & (variance > 0)
        number_told = np.where(told, number, 1.0)
        worth = number_told**2 / np.where(told, variance, 1.0)
        others = np.maximum(worth * self.total / number_told - worth + 1, 1.0)
        limit = self.total * betaincinv(worth, others, tail)
        return np.where(told, limit, np.where(variance > 0, 0.0, number))

    def _most(self, found: Counts | Floats, moved: Floats, tail: float) -> Floats:
        heaviest = self.weights.max()
        number = found @ self.weights + heaviest
        variance = self._variance(found) + moved + heaviest**2 * self.most_unseen
        worth = number**2 / variance
        others = worth * self.total / number - worth + 1
        limit = self.total * betaincinv(worth, np.where(others > 0, others, 1.0), 1 - tail)
        return np.where(others > 0, limit, self.total)

    def _variance(self, found: Counts | Floats) -> Floats:
        return np.asarray((found * self.unseen) @ self.weights**2)


class _Domain(NamedTuple):
    """What was found where the question applies to some decisions only; counts as `_Part` has."""

    population: Counts
    sample: Counts
    members: Counts
    errors: Counts | Floats
    total: Floats
    moved_down: Floats
    moved_up: Floats

    @classmethod
    def of(
        cls, population: Counts, sample: Counts, members: Counts, errors: Counts | Floats
    ) -> "_Domain":
        weights = population / sample
        total = members @ weights
        rate = (errors @ weights) / total
        share = (members + _HALF) / (sample + 2 * _HALF)
        left = (population - sample) / np.maximum(population - 1, 1)
        spread = population**2 * share * (1 - share) / sample * left

        def moved(unknown: float) -> Floats:
            of_members = np.where(members > 0, errors / np.maximum(members, 1), unknown)
            return np.asarray(((of_members - rate[:, None]) ** 2 * spread).sum(axis=1))

        return cls(population, sample, members, errors, total, moved(0.0), moved(1.0))

    def limits(self, tail: float) -> tuple[Floats, Floats]:
        """Give the wider limits of both ways: with what was reviewed whole set aside, and not."""
        rest = self.sample < self.population
        if not rest.any():
            rate = self.errors.sum(axis=1) / self.total
            return rate, rate
        known = self.errors[:, ~rest].sum(axis=1)
        apart = self._part(rest, self.total - self.members[:, ~rest].sum(axis=1)).limits(tail)
        together = self._part(np.ones_like(rest), self.total).limits(tail)
        lower = np.minimum(apart[0] + known, together[0]) / self.total
        upper = np.maximum(apart[1] + known, together[1]) / self.total
        return np.maximum(lower, 0.0), np.minimum(upper, 1.0)

    def _part(self, chosen: NDArray[np.bool_], total: Floats) -> _Part:
        weights = self.population[chosen] / self.sample[chosen]
        members, errors = self.members[:, chosen], self.errors[:, chosen]
        there = np.maximum(weights * members - 1, 1e-9)
        unseen = np.where(weights > 1, np.minimum(1.0, members * (weights - 1) / there), 0.0)
        correct = members - errors
        return _Part(weights, unseen, 1.0, total, errors, correct, self.moved_down, self.moved_up)
