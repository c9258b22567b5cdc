"""What leaves of a figure: numbers of decisions as they are, all that was found in steps.

A rate is told by the step that it lies in, its bounds by the ends of theirs, and in longer steps
its limits are those of the step, whatever was found in it. Numbers of errors and of single answers,
standard errors and second intervals aren't told: with them a reader could work out what was found
in a few decisions. How long a step is, `release_told` decides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import sqrt

from services.controlling.figures.rate import Estimate, Rate
from services.controlling.statistics.agreement import (
    Coefficient,
    Ratings,
    ac1,
    alpha,
    cohen,
)
from services.controlling.statistics.between_units import Between
from services.controlling.statistics.consistency import Consistency, Homogeneity
from services.controlling.statistics.correction import CorrectedRate
from services.controlling.statistics.errors import AgreementUndefined
from services.controlling.statistics.intervals import CONFIDENCE, Interval, normal_quantile
from services.controlling.statistics.rounding import STEPS, around, within

_P_VALUES = (0.0, 0.001, 0.01, 0.05, 1.0)
_DEVIATION_STEP = 50
_LIMITS_STEP = STEPS[-1]
"""In finer ones the comparison would often be left out, where parts are few."""
CORRECTED = "corrected"
"""How the interval of a rate is made that was corrected for reviewers' own errors."""


@dataclass(frozen=True, slots=True)
class ToldEstimate:
    """A rate in its step.

    Attributes:
        rate: The step that it lies in.
        limits: Its interval; in longer steps that of any rate in the step.
        method: How the interval was made.
        step: How long a step is, as a share.
    """

    rate: Interval
    limits: Interval
    method: str
    step: float


@dataclass(frozen=True, slots=True)
class ToldRate:
    """What may be known about one cell.

    Attributes:
        sample: Reviewed decisions to which the question applies.
        reviewed: Decisions reviewed, also where it doesn't apply.
        population: Decisions there are; None when unknown.
        design_weight: How many of them each reviewed one stands for, on average.
        estimate: None when no rate can be given.
        missing: Drawn decisions without an answer; None where it isn't known which belong here.
        bounds: What the rate could be with them.
    """

    sample: int
    reviewed: int
    population: int | None
    design_weight: float | None
    estimate: ToldEstimate | None
    missing: int | None
    bounds: Interval | None


@dataclass(frozen=True, slots=True)
class ToldConsistency:
    """Whether units err alike on like cases.

    Attributes:
        p_value: Between which usual marks it lies.
        deviation: By how much units' rates differ beyond chance; None where none can.
        units: By unit, whether it differs; None where too little was reviewed to say so.
        deviation_limits: The 95 % interval of that deviation, by the ends of steps; None where none
            can, and in figures that were kept before it was told.
    """

    p_value: Interval
    deviation: Interval | None
    units: Mapping[str, bool | None]
    deviation_limits: Interval | None = None


@dataclass(frozen=True, slots=True)
class ToldAgreement:
    """How far two reviewers agree, of a file also beyond chance to a tenth, where that is defined.

    Attributes:
        n: Decisions that two reviewed.
        same: Those of them that got the same verdict twice.
    """

    n: int
    same: int
    cohen: Coefficient | None = None
    ac1: Coefficient | None = None
    alpha: Coefficient | None = None


def tell(rate: Rate, estimate: ToldEstimate | None, bounds: Interval | None) -> ToldRate:
    """Put together what is told of a rate: its numbers of decisions, and what else may be."""
    missing = rate.unanswered and rate.unanswered.missing
    return ToldRate(
        rate.counts.sample,
        rate.reviewed,
        rate.population,
        rate.design_weight,
        estimate,
        missing,
        bounds,
    )


def tell_estimate(found: Estimate, step: int) -> ToldEstimate:
    """Tell an estimate that holds nothing about few: it has its own limits."""
    return ToldEstimate(
        within(found.rate, step), around(found.limits, step), found.method, step / 1_000
    )


def tell_corrected(
    told: ToldEstimate, correct: Callable[[float, float], CorrectedRate], step: int
) -> ToldEstimate:
    """Correct what is told of a rate for reviewers' own errors; `correct` takes it and its error.

    Of the rate nothing but what is told is looked at; of double reviews, how each was settled.
    """
    rate, limits = told.rate, told.limits
    error = (limits.upper - limits.lower) / (2 * normal_quantile(CONFIDENCE))
    ends = sorted(correct(one, error).rate for one in (rate.lower, rate.upper))
    found = correct((rate.lower + rate.upper) / 2, error).interval
    return ToldEstimate(
        around(Interval(*ends), step), around(found, STEPS[0]), CORRECTED, told.step
    )


def tell_consistency(whole: Homogeneity, found: Consistency) -> ToldConsistency:
    """Tell whether units differ, and which."""
    p_value = next(
        Interval(lower, upper)
        for lower, upper in pairwise(_P_VALUES)
        if whole.p_value < upper or upper == 1
    )
    units = {name: one and one.discovered for name, one in found.units.items()}
    return ToldConsistency(
        p_value, _deviation(found.between), units, _deviation_limits(found.between)
    )


def _deviation(between: Between | None) -> Interval | None:
    return None if between is None else within(between.deviation, _DEVIATION_STEP)


def _deviation_limits(between: Between | None) -> Interval | None:
    if between is None:
        return None
    limits = Interval(sqrt(between.lower), sqrt(between.upper))
    return around(limits, _LIMITS_STEP)


def tell_agreement(pairs: Sequence[tuple[str, str]]) -> ToldAgreement:
    """Tell how often two reviewers said the same; not what."""
    return ToldAgreement(len(pairs), sum(first == second for first, second in pairs))


def tell_beyond_chance(pairs: Sequence[tuple[str, str]], confidence: Fraction) -> ToldAgreement:
    """Tell also how far that is beyond chance, which hangs on how often each verdict was given."""
    ratings = Ratings.of_answers(pairs)
    return replace(
        tell_agreement(pairs),
        cohen=_defined(lambda: cohen(ratings, confidence)),
        ac1=_defined(lambda: ac1(ratings, confidence)),
        alpha=_defined(lambda: alpha(ratings, confidence=confidence)),
    )


def _defined(make: Callable[[], Coefficient]) -> Coefficient | None:
    try:
        found = make()
    except AgreementUndefined:
        return None
    return Coefficient(_to_a_tenth(found.estimate), *map(_limit, (found.lower, found.upper)))


def _limit(value: float | None) -> float | None:
    return None if value is None else _to_a_tenth(value)


def _to_a_tenth(value: float) -> float:
    return round(value, 1) + 0.0  # makes -0.0, which JSON in a database loses, 0.0
