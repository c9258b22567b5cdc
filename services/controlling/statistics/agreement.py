"""How far reviewers who judged the same decisions agree, beyond chance.

Sources: J. Cohen, "A coefficient of agreement for nominal scales", EPM 20 (1960); J. L. Fleiss,
"Measuring nominal scale agreement among many raters", Psychological Bulletin 76 (1971); J. L.
Fleiss, J. Cohen, B. S. Everitt, "Large sample standard errors of kappa and weighted kappa",
Psychological Bulletin 72 (1969); K. L. Gwet, "Computing inter-rater reliability and its variance
in the presence of high agreement", BJMSP 61 (2008), and "Handbook of Inter-Rater Reliability",
4th ed. (2014), for missing ratings and the variances; K. Krippendorff, "Computing Krippendorff's
Alpha-Reliability" (2011).

The intervals treat the decisions as a sample of many and the reviewers as given.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import fsum, sqrt
from typing import Self

from scipy.special import stdtrit

from services.controlling.statistics.errors import AgreementUndefined
from services.controlling.statistics.intervals import CONFIDENCE, check_confidence

Weights = Sequence[Sequence[float]]
"""How far two categories agree: 1 for the same, 0 for the farthest."""


class Level(StrEnum):
    """Whether categories are only different, or ordered as grades are."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"


@dataclass(frozen=True, slots=True)
class Coefficient:
    """Agreement beyond chance: 1 is complete, 0 is what chance gives.

    Limits are None where one decision doesn't tell anything about others.
    """

    estimate: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class Ratings:
    """What each reviewer said about each decision.

    Attributes:
        categories: All answers, in order.
        decisions: By decision, the place of each reviewer's answer in `categories`; None where
            the reviewer didn't review it.
        degrees_lost: What the variances take off the number of decisions: 1, but 0 for a table of
            two reviewers, as Gwet published it.
    """

    categories: tuple[str, ...]
    decisions: tuple[tuple[int | None, ...], ...]
    degrees_lost: int = 1

    def __post_init__(self) -> None:
        if not any(sum(counts) > 1 for counts in self.counts()):
            raise AgreementUndefined("no decision was reviewed twice")

    @classmethod
    def of_answers(cls, decisions: Sequence[Sequence[str]], level: Level = Level.NOMINAL) -> Self:
        """Read answers by decision and reviewer; an empty one means: not reviewed.

        Raises:
            AgreementUndefined: ordered answers aren't numbers, so that their order is unknown.
        """
        answers = {answer for decision in decisions for answer in decision if answer}
        try:
            ordered = sorted(answers, key=float)
        except ValueError:
            if level is Level.ORDINAL:
                raise AgreementUndefined("ordinal answers must be numbers, as grades") from None
            ordered = sorted(answers)
        place = {answer: number for number, answer in enumerate(ordered)}
        return cls(
            tuple(ordered),
            tuple(tuple(place.get(answer) for answer in decision) for decision in decisions),
        )

    @classmethod
    def of_table(cls, categories: Sequence[str], table: Sequence[Sequence[int]]) -> Self:
        """Read a square table: rows are the first reviewer's answers, columns the second's."""
        size = range(len(table))
        met = [(row, column) for row in size for column in size for _ in range(table[row][column])]
        return cls(tuple(categories), tuple(met), degrees_lost=0)

    def counts(self) -> list[list[int]]:
        """Give, by decision, how many reviewers gave each answer."""
        found = []
        for decision in self.decisions:
            given = Counter(decision)
            found.append([given[category] for category in range(len(self.categories))])
        return found

    def pairs(self) -> list[tuple[int, int]]:
        """Give the answers of two reviewers where both reviewed."""
        if any(len(decision) != 2 for decision in self.decisions):  # noqa: PLR2004 - a pair
            raise AgreementUndefined("this needs exactly two reviewers")
        return [(a, b) for a, b in self.decisions if a is not None and b is not None]


def disagreement_matrix(ratings: Ratings) -> list[list[float]]:
    """Show who says what where others say what: row and column are answers to one decision.

    For two reviewers row is the first and column the second; for more it is Krippendorff's
    coincidence matrix, in which each decision counts as often as it was reviewed.
    """
    size = range(len(ratings.categories))
    if all(len(decision) == 2 for decision in ratings.decisions):  # noqa: PLR2004 - a pair
        met = Counter(ratings.pairs())
        return [[float(met[row, column]) for column in size] for row in size]
    reviewed = [counts for counts in ratings.counts() if sum(counts) > 1]
    return [
        [fsum(_met(counts, row, column) for counts in reviewed) for column in size] for row in size
    ]


def cohen(ratings: Ratings, confidence: Fraction = CONFIDENCE) -> Coefficient:
    """Compare two reviewers, each with habits of their own (Cohen 1960; Fleiss et al. 1969)."""
    pairs = Counter(ratings.pairs())
    n = pairs.total()
    size = range(len(ratings.categories))
    first = [sum(pairs[one, other] for other in size) / n for one in size]
    second = [sum(pairs[other, one] for other in size) / n for one in size]
    observed = sum(pairs[one, one] for one in size) / n
    chance = fsum(a * b for a, b in zip(first, second, strict=True))
    kappa = _beyond(observed, chance)
    squares = fsum(
        met / n * ((a == b) - (1 - kappa) * (second[a] + first[b])) ** 2
        for (a, b), met in pairs.items()
    )
    spread = squares - (observed - 2 * (1 - kappa) * chance) ** 2
    return _coefficient(kappa, max(0.0, spread) / (n * (1 - chance) ** 2), n, confidence)


def fleiss(ratings: Ratings, confidence: Fraction = CONFIDENCE) -> Coefficient:
    """Compare any number of reviewers with habits in common (Fleiss 1971; Gwet 2014)."""

    def by_chance(shares: Sequence[float]) -> list[float]:
        return list(shares)

    return _from_counts(ratings, by_chance, confidence)


def ac1(ratings: Ratings, confidence: Fraction = CONFIDENCE) -> Coefficient:
    """Compare any number of reviewers; stable where nearly all agree (Gwet 2008)."""
    others = len(ratings.categories) - 1
    if others == 0:
        raise AgreementUndefined("all answers are the same, nothing could have been confused")

    def by_chance(shares: Sequence[float]) -> list[float]:
        return [(1 - share) / others for share in shares]

    return _from_counts(ratings, by_chance, confidence)


def alpha(
    ratings: Ratings, level: Level = Level.NOMINAL, confidence: Fraction = CONFIDENCE
) -> Coefficient:
    """Compare any number of reviewers, corrected for few decisions (Krippendorff 2011).

    Only decisions reviewed at least twice count. The variance is Gwet's (2014).
    """
    counts = [row for row in ratings.counts() if sum(row) > 1]
    n, size = len(counts), range(len(ratings.categories))
    mean = sum(map(sum, counts)) / n
    totals = [sum(row[k] for row in counts) for k in size]
    weights = _ordinal(totals) if level is Level.ORDINAL else _identity(len(totals))
    shares = [total / (n * mean) for total in totals]
    likely = [fsum(w * share for w, share in zip(weights[k], shares, strict=True)) for k in size]
    chance = fsum(a * b for a, b in zip(likely, shares, strict=True))
    agreed = [_agreed(row, weights) * sum(row) / mean for row in counts]
    small = 1 / (n * mean)
    plain = fsum(agreed) / n
    observed = (1 - small) * plain + small
    uncorrected = _beyond(plain, chance)
    influence = []
    for row, each in zip(counts, agreed, strict=True):
        more = (sum(row) - mean) / mean
        expected = fsum(c * p for c, p in zip(row, likely, strict=True)) / mean - chance * more
        own = each - observed * more - chance
        influence.append((own - 2 * (1 - uncorrected) * (expected - chance)) / (1 - chance))
    variance = _variance(influence, uncorrected, ratings.degrees_lost)
    return _coefficient(_beyond(observed, chance), variance, n, confidence)


def _from_counts(
    ratings: Ratings, by_chance: Callable[[Sequence[float]], list[float]], confidence: Fraction
) -> Coefficient:
    """Compare observed agreement with what the shares of all answers give by chance."""
    counts = [row for row in ratings.counts() if sum(row)]
    n, size = len(counts), range(len(ratings.categories))
    weights = _identity(len(ratings.categories))
    shares = [fsum(row[k] / sum(row) for row in counts) / n for k in size]
    likely = by_chance(shares)
    chance = fsum(a * b for a, b in zip(likely, shares, strict=True))
    agreed = [_agreed(row, weights) if sum(row) > 1 else None for row in counts]
    twice = [each for each in agreed if each is not None]
    estimate = _beyond(fsum(twice) / len(twice), chance)
    influence = []
    for row, each in zip(counts, agreed, strict=True):
        own = 0.0 if each is None else n / len(twice) * (each - chance)
        expected = fsum(c * p for c, p in zip(row, likely, strict=True)) / sum(row)
        influence.append((own - 2 * (1 - estimate) * (expected - chance)) / (1 - chance))
    variance = _variance(influence, estimate, ratings.degrees_lost)
    return _coefficient(estimate, variance, n, confidence)


def _met(counts: Sequence[int], row: int, column: int) -> float:
    return counts[row] * (counts[column] - (row == column)) / (sum(counts) - 1)


def _agreed(counts: Sequence[int], weights: Weights) -> float:
    """Give the share of pairs of reviewers of one decision who agree, weighted."""
    reviewers = sum(counts)
    like = fsum(
        count * (fsum(w * other for w, other in zip(weights[k], counts, strict=True)) - 1)
        for k, count in enumerate(counts)
    )
    return like / (reviewers * (reviewers - 1))


def _identity(size: int) -> Weights:
    return [[float(one == other) for other in range(size)] for one in range(size)]


def _ordinal(totals: Sequence[int]) -> Weights:
    """Weigh by Krippendorff's ordinal distance: the ratings that lie between two grades."""

    def distance(one: int, other: int) -> float:
        low, high = min(one, other), max(one, other)
        return (sum(totals[low : high + 1]) - (totals[low] + totals[high]) / 2) ** 2

    size = range(len(totals))
    farthest = distance(0, len(totals) - 1) or 1.0
    return [[1 - distance(one, other) / farthest for other in size] for one in size]


def _beyond(observed: float, chance: float) -> float:
    if chance >= 1:
        raise AgreementUndefined("all answers are the same, nothing could have been confused")
    return (observed - chance) / (1 - chance)


def _variance(influence: Sequence[float], centre: float, degrees_lost: int) -> float:
    n = len(influence)
    return fsum((each - centre) ** 2 for each in influence) / (n * max(1, n - degrees_lost))


def _coefficient(estimate: float, variance: float, n: int, confidence: Fraction) -> Coefficient:
    check_confidence(confidence)
    if n == 1:
        return Coefficient(estimate, None, None)
    reach = float(stdtrit(n - 1, float((1 + confidence) / 2))) * sqrt(variance)
    return Coefficient(estimate, estimate - reach, min(1.0, estimate + reach))
