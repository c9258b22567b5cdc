"""What a sample says about the rate behind it, with its uncertainty.

Shares that decide something (confidence, rates) are exact fractions: a float 0.1 isn't a tenth.

Sources: C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits", Biometrika 26
(1934); E. B. Wilson, "Probable inference", JASA 22 (1927); J. P. Buonaccorsi, "A note on
confidence intervals for proportions in finite populations", American Statistician 41 (1987).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil, comb, floor, sqrt
from statistics import NormalDist

from services.controlling.statistics import beta
from services.controlling.statistics.errors import (
    ConfidenceTooHigh,
    CountsContradict,
    NothingReviewed,
    OutOfRange,
)

CONFIDENCE = Fraction(95, 100)
_FEW = 1_000  # so many are counted faster than a library for more is loaded
_TOO_CLOSE = 1e-9  # floats can't decide below this; exact integers do


class Method(StrEnum):
    """How an interval is made.

    `exact` is the finite-population interval when the population is known, else Clopper-Pearson.
    """

    EXACT = "exact"
    CLOPPER_PEARSON = "clopper-pearson"
    WILSON = "wilson"


@dataclass(frozen=True, slots=True)
class Interval:
    """Two limits, as fractions of one."""

    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class CountInterval:
    """How many of a population may be in error, both ends included."""

    lower: int
    upper: int


def check_counts(errors: int, sample: int, population: int | None = None) -> None:
    """Refuse counts that can't be.

    Raises:
        NothingReviewed: the sample is empty.
        CountsContradict: more errors than reviews, more reviews than decisions, or fewer than 0.
    """
    if sample == 0:
        raise NothingReviewed
    if sample < 0 or errors < 0:
        raise CountsContradict(f"{errors} errors in {sample}: a count is below 0")
    if errors > sample:
        raise CountsContradict(f"{errors} errors in a sample of {sample}")
    if population is not None and sample > population:
        raise CountsContradict(f"a sample of {sample} from a population of {population}")


def check_confidence(confidence: Fraction) -> None:
    """Refuse a confidence that isn't between 0 and 1, or is nearer to 1 than a float can be."""
    if not 0 < confidence < 1:
        raise OutOfRange("confidence", float(confidence), "above 0 and below 1")
    if float((1 + confidence) / 2) == 1:
        raise ConfidenceTooHigh


def normal_quantile(confidence: Fraction) -> float:
    """Give how many standard errors a two-sided interval reaches to each side."""
    return NormalDist().inv_cdf(float((1 + confidence) / 2))


def clopper_pearson(errors: int, sample: int, confidence: Fraction = CONFIDENCE) -> Interval:
    """Invert the two binomial tails at half the risk each (Clopper, Pearson 1934).

    Covers the true rate at least as often as it says, in a population without end.
    """
    check_counts(errors, sample)
    check_confidence(confidence)
    tail = float((1 - confidence) / 2)
    return Interval(
        lower=0.0 if errors == 0 else beta.quantile(errors, sample - errors + 1, tail),
        upper=_binomial_upper(errors, sample, tail),
    )


def wilson(errors: int, sample: int, confidence: Fraction = CONFIDENCE) -> Interval:
    """Invert the score test, without continuity correction (Wilson 1927).

    Shorter than Clopper-Pearson; covers the true rate only on average.
    """
    check_counts(errors, sample)
    check_confidence(confidence)
    z = normal_quantile(confidence)
    rate, weight = errors / sample, z * z / sample
    centre = (rate + weight / 2) / (1 + weight)
    reach = z * sqrt(rate * (1 - rate) / sample + weight / (4 * sample)) / (1 + weight)
    return Interval(
        lower=0.0 if errors == 0 else centre - reach,
        upper=1.0 if errors == sample else centre + reach,
    )


def finite_population(
    errors: int, sample: int, population: int, confidence: Fraction = CONFIDENCE
) -> CountInterval:
    """Give the numbers of errors among all decisions that neither hypergeometric tail rejects.

    Convention: a number is rejected when the tail beyond the observation has a probability of at
    most half the risk. Some published tables keep the first rejected number on each side and are
    one wider at both ends.
    """
    check_counts(errors, sample, population)
    check_confidence(confidence)
    risk = (1 - confidence) / 2
    # The lower limit is the upper limit of the correct decisions, seen from the other side.
    correct = _largest_count(sample - errors, sample, population, risk)
    return CountInterval(
        lower=population - correct, upper=_largest_count(errors, sample, population, risk)
    )


def interval(
    errors: int,
    sample: int,
    *,
    population: int | None = None,
    confidence: Fraction = CONFIDENCE,
    method: Method = Method.EXACT,
) -> tuple[Interval, CountInterval | None]:
    """Give the two-sided interval of a rate, and of the count when the population is known.

    The approximations for large populations become counts by keeping those whose rate lies in the
    interval and that the sample doesn't rule out.
    """
    check_counts(errors, sample, population)
    if method is Method.EXACT and population is not None:
        counts = finite_population(errors, sample, population, confidence)
        return Interval(counts.lower / population, counts.upper / population), counts
    make = wilson if method is Method.WILSON else clopper_pearson
    rates = make(errors, sample, confidence)
    if population is None:
        return rates, None
    return rates, CountInterval(
        lower=max(errors, ceil(rates.lower * population)),
        upper=min(population - (sample - errors), floor(rates.upper * population)),
    )


def upper_limit(
    errors: int,
    sample: int,
    *,
    population: int | None = None,
    confidence: Fraction = CONFIDENCE,
) -> float:
    """Say "at most": the one-sided upper limit of the rate, as after "no errors in n".

    Binomial (AICPA Audit Guide "Audit Sampling", table A-3), or hypergeometric when the
    population is known.
    """
    check_counts(errors, sample, population)
    check_confidence(confidence)
    risk = 1 - confidence
    if population is None:
        return _binomial_upper(errors, sample, float(risk))
    return _largest_count(errors, sample, population, risk) / population


def _binomial_upper(errors: int, sample: int, tail: float) -> float:
    if errors == sample:
        return 1.0
    return beta.quantile(errors + 1, sample - errors, 1 - tail)


def _hypergeometric_cdf(most: int, population: int, errors: int, sample: int) -> float:
    from services.controlling.statistics import discrete  # noqa: PLC0415 - slow

    return float(discrete.hypergeometric_cdf(most, population, errors, sample))


def _largest_count(errors: int, sample: int, population: int, risk: Fraction) -> int:
    """Find the most errors in the population under which so few in the sample aren't rejected."""

    def plausible(count: int) -> bool:
        return _at_most_exceeds(errors, count, sample, population, risk)

    return _last(plausible, errors, population - (sample - errors))


def _at_most_exceeds(errors: int, count: int, sample: int, population: int, risk: Fraction) -> bool:
    """Tell whether P(at most `errors` in the sample, of `count` in the population) > risk."""
    if sample > _FEW:
        probability = _hypergeometric_cdf(errors, population, count, sample)
        if abs(probability - float(risk)) > _TOO_CLOSE:
            return probability > risk
    correct, all_ways = population - count, comb(population, sample)
    if 2 * errors < sample:
        ways = _ways_of_at_most(errors, count, correct, sample)
    else:
        ways = all_ways - _ways_of_at_most(sample - errors - 1, correct, count, sample)
    return ways * risk.denominator > risk.numerator * all_ways


def _ways_of_at_most(most: int, marked: int, others: int, sample: int) -> int:
    """Count the samples that hold at most so many of the marked."""
    fewest = max(0, sample - others)
    ways, found = comb(marked, fewest) * comb(others, sample - fewest), 0
    for x in range(fewest, min(most, marked) + 1):
        found += ways
        ways = ways * (marked - x) * (sample - x) // ((x + 1) * (others - sample + x + 1))
    return found


def _last(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Find the last number from `low`, where it holds, to `high` before it stops to hold."""
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low
