"""One figure from a sample that was drawn with different rates in different strata.

Source of the estimators: W. G. Cochran, "Sampling Techniques", 3rd ed. (1977), chapters 5 and 6;
S. L. Lohr, "Sampling: Design and Analysis", 2nd ed. (2010), chapter 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, fsum, log, sqrt
from typing import NamedTuple, Self

from scipy.special import stdtrit

from services.controlling.statistics.errors import (
    CountsContradict,
    NothingReviewed,
    StratumTooSmall,
)
from services.controlling.statistics.intervals import (
    CONFIDENCE,
    Interval,
    check_confidence,
    clopper_pearson,
)


@dataclass(frozen=True, slots=True)
class Stratum:
    """What was reviewed of a stratum.

    Attributes:
        name: How reports call it.
        population: Decisions there are.
        sample: Decisions reviewed.
        mean: Mean of what was measured on them; of errors it is their share.
        variance: Their sample variance, with sample - 1 in the denominator.
    """

    name: str
    population: int
    sample: int
    mean: float
    variance: float

    @classmethod
    def of_errors(cls, name: str, *, population: int, errors: int, sample: int) -> Self:
        """Make the stratum of decisions that are in error or not."""
        _check(name, population, sample)
        if not 0 <= errors <= sample:
            raise CountsContradict(f"stratum {name}: {errors} errors in a sample of {sample}")
        return cls(name, population, sample, errors / sample, _variance(errors, errors, sample))

    @classmethod
    def of_values(cls, name: str, *, population: int, values: Sequence[float]) -> Self:
        """Make the stratum of measured values, as days or a score."""
        sample = len(values)
        _check(name, population, sample)
        mean = fsum(values) / sample
        variance = _variance(0, fsum((value - mean) ** 2 for value in values), sample)
        return cls(name, population, sample, mean, variance)

    @property
    def design_weight(self) -> float:
        """How many decisions each reviewed one stands for: the inverse of its chance."""
        return self.population / self.sample

    @property
    def finite_population_correction(self) -> float:
        """Share of the stratum that wasn't seen; nothing is uncertain about the rest."""
        return 1 - self.sample / self.population


class Estimate(NamedTuple):
    """A figure for all decisions.

    Attributes:
        estimate: The figure.
        standard_error: With the finite population correction.
        standard_error_without_fpc: As if the population had no end.
        degrees_of_freedom: Reviewed decisions less strata.
        interval: Its limits at the confidence asked for.
    """

    estimate: float
    standard_error: float
    standard_error_without_fpc: float
    degrees_of_freedom: int
    interval: Interval


@dataclass(frozen=True, slots=True)
class DomainStratum:
    """What was reviewed of a stratum, seen from a domain that cuts across strata.

    A domain is a group whose size is known only in the sample: one legal article, or the
    decisions to which a question applies.

    Attributes:
        name: How reports call the stratum.
        population: Decisions there are in the stratum.
        sample: Decisions reviewed in the stratum.
        members: Those reviewed that belong to the domain.
        errors: Those members that are in error.
    """

    name: str
    population: int
    sample: int
    members: int
    errors: int

    def __post_init__(self) -> None:
        _check(self.name, self.population, self.sample, needed=1)
        if not 0 <= self.errors <= self.members <= self.sample:
            raise CountsContradict(
                f"stratum {self.name}: {self.errors} errors among {self.members} members of "
                f"{self.sample} reviewed"
            )

    def residuals(self, rate: float) -> Stratum:
        """Give what is left of each reviewed decision: error - rate * member.

        Of a lonely one the variance is taken about the mean of all strata, which is 0 (R's
        `survey.lonely.psu = "adjust"`), since it has none about its own.
        """
        total = self.errors - rate * self.members
        squares = self.errors * (1 - rate) ** 2 + (self.members - self.errors) * rate**2
        lonely = self.sample == 1 < self.population
        variance = squares if lonely else _variance(total, squares, self.sample)
        return Stratum(self.name, self.population, self.sample, total / self.sample, variance)


def estimate_mean(strata: Sequence[Stratum], confidence: Fraction = CONFIDENCE) -> Estimate:
    """Estimate the mean over all decisions, with Student's t around it (Cochran 5.3, 5.4)."""
    mean, error, plain, freedom = _weighted(strata)
    reach = _quantile(freedom, confidence) * error
    return Estimate(mean, error, plain, freedom, Interval(mean - reach, mean + reach))


def estimate_rate(strata: Sequence[Stratum], confidence: Fraction = CONFIDENCE) -> Estimate:
    """Estimate the error rate over all decisions.

    The interval is Student's t on the logit scale, so that it stays between 0 and 1 (as R's
    `svyciprop` and Stata's `svy: proportion`). Where the sample shows no variance it is
    Clopper-Pearson on the effective sample size (E. L. Korn, B. I. Graubard, "Confidence
    intervals for proportions with small expected number of positive counts", Survey
    Methodology 24, 1998), and one point where everything was reviewed.
    """
    rate, error, plain, freedom = _weighted(strata)
    limits = _limits(strata, rate, error, effective_sample(strata), confidence)
    return Estimate(rate, error, plain, freedom, limits)


def estimate_domain(strata: Sequence[DomainStratum], confidence: Fraction = CONFIDENCE) -> Estimate:
    """Estimate the error rate in a domain: weighted errors by weighted members.

    The variance is that of the linearised residuals (Cochran 5A.14, 6.11); the interval is made
    as in `estimate_rate`.

    Raises:
        NothingReviewed: no member of the domain was reviewed, as when nothing is applicable.
    """
    members = fsum(one.members * one.population / one.sample for one in strata)
    if members == 0:
        raise NothingReviewed("the domain")
    rate = fsum(one.errors * one.population / one.sample for one in strata) / members
    residuals = [one.residuals(rate) for one in strata]
    share = members / sum(one.population for one in strata)
    _, error, plain, freedom = _weighted(residuals)
    reviewed = sum(one.members for one in strata)
    limits = _limits(residuals, rate, error / share, reviewed, confidence)
    return Estimate(rate, error / share, plain / share, freedom, limits)


def effective_sample(strata: Sequence[Stratum]) -> float:
    """Give the simple sample that unequal weights are worth (L. Kish, "Survey Sampling", 1965)."""
    total = sum(stratum.population for stratum in strata)
    return total**2 / fsum(one.sample * one.design_weight**2 for one in strata)


def _check(name: str, population: int, sample: int, needed: int = 2) -> None:
    if sample > population:
        raise CountsContradict(
            f"stratum {name}: a sample of {sample} from a population of {population}"
        )
    needed = min(needed, max(1, population))
    if sample < needed:
        raise StratumTooSmall(name, sample, needed)


def _variance(total: float, squares: float, sample: int) -> float:
    """Give the sample variance from sums; a stratum of one decision has none."""
    return max(0.0, squares - total**2 / sample) / (sample - 1) if sample > 1 else 0.0


def _weighted(strata: Sequence[Stratum]) -> tuple[float, float, float, int]:
    """Give mean, standard error, the same without correction, and degrees of freedom."""
    if not strata:
        raise NothingReviewed("the list of strata")
    total = sum(stratum.population for stratum in strata)
    plain = [(one.population / total) ** 2 * one.variance / one.sample for one in strata]
    corrected = [
        variance * one.finite_population_correction
        for variance, one in zip(plain, strata, strict=True)
    ]
    return (
        fsum(one.population * one.mean for one in strata) / total,
        sqrt(fsum(corrected)),
        sqrt(fsum(plain)),
        sum(one.sample for one in strata) - len(strata),
    )


def _quantile(freedom: int, confidence: Fraction) -> float:
    check_confidence(confidence)
    return float(stdtrit(freedom, float((1 + confidence) / 2))) if freedom else 0.0


def _limits(
    strata: Sequence[Stratum], rate: float, error: float, worth: float, confidence: Fraction
) -> Interval:
    if all(one.sample == one.population for one in strata):
        return Interval(rate, rate)
    if error == 0 or not 0 < rate < 1:
        sample = max(1, int(worth))
        return clopper_pearson(round(rate * sample), sample, confidence)
    freedom = sum(one.sample for one in strata) - len(strata)
    centre = log(rate / (1 - rate))
    reach = _quantile(freedom, confidence) * error / (rate * (1 - rate))
    return Interval(1 / (1 + exp(reach - centre)), 1 / (1 + exp(-reach - centre)))
