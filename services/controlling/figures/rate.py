"""The error rate of a cell, from what was reviewed of each stratum in it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

import numpy as np

from services.controlling.figures.reviews import Answer
from services.controlling.figures.unanswered import Answered, Open, Unanswered, unanswered
from services.controlling.statistics.charts import Counts
from services.controlling.statistics.intervals import Interval, interval
from services.controlling.statistics.stratified import (
    DomainStratum,
    estimate_domain,
)
from services.controlling.statistics.stratified_limits import (
    limits_of_draws,
    stratified_limits,
)

_CLOSE = 1e-9  # floats can't tell what is nearer to a whole number


class Judged(NamedTuple):
    """One reviewed decision, seen from one question."""

    stratum: str
    answer: Answer | None
    error: bool


@dataclass(frozen=True, slots=True)
class Estimate:
    """A rate for all decisions of a cell, with its uncertainty.

    Attributes:
        rate: Share of errors among the decisions to which the question applies.
        limits: Its two-sided interval.
        method: How the interval was made: exact, clopper-pearson or stratified.
        standard_error: Of a stratified estimate.
    """

    rate: float
    limits: Interval
    method: str
    standard_error: float | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """What is known about one cell.

    Attributes:
        counts: Errors, and reviewed decisions to which the question applies.
        population: Decisions there are; None when unknown, as of a group that cuts across strata.
        reviewed: Decisions reviewed, also where the question doesn't apply.
        estimate: None when no rate can be given.
        unanswered: What is missing, and what the rate could be with it; None where it isn't told.
    """

    counts: Counts
    population: int | None
    reviewed: int
    estimate: Estimate | None
    unanswered: Unanswered | None = None

    @property
    def design_weight(self) -> float | None:
        """How many decisions each reviewed one stands for, on average; None where there is none."""
        if self.population is None or not self.reviewed:
            return None
        return self.population / self.reviewed


def rate_of(
    judged: Sequence[Judged],
    reviewed: Mapping[str, int],
    sizes: Mapping[str, int] | None,
    confidence: Fraction,
    left_open: Open | None = None,
) -> Rate:
    """Work a cell out.

    Args:
        judged: Its reviewed decisions.
        reviewed: By stratum that may have decisions here, all that were reviewed of it.
        sizes: By stratum, decisions there are; None when unknown.
        confidence: How sure the interval is.
        left_open: What has no answer; None where it isn't told.
    """
    applicable = [one for one in judged if one.answer is not None]
    counts = Counts(sum(one.error for one in applicable), len(applicable))
    all_of_them = sizes is not None and len(judged) == sum(reviewed.values())
    population = sum(sizes[key] for key in reviewed) if sizes and all_of_them else None
    return Rate(
        counts,
        population,
        len(judged),
        _estimate(applicable, len(judged), reviewed, sizes, confidence),
        None
        if left_open is None or sizes is None
        else unanswered(answered(judged), left_open, sizes),
    )


def limits_between(
    shares: Interval,
    applicable: Mapping[str, int],
    judged: int,
    reviewed: Mapping[str, int],
    sizes: Mapping[str, int],
    *,
    confidence: Fraction,
) -> Interval:
    """Give limits of a cell of which no more is told than between which shares its rate lies.

    The lower one is that of the lower share, the upper one that of the upper, if all strata of the
    cell erred alike: so the limits say nothing of what was found but that.

    Args:
        shares: Where the rate lies.
        applicable: By stratum of the cell, reviewed decisions to which the question applies.
        judged: All decisions of the cell that were reviewed.
        reviewed: By stratum that may have decisions here, all that were reviewed of it.
        sizes: By stratum, decisions there are.
        confidence: How sure the interval is.
    """
    if len(reviewed) == 1:
        ((stratum, whole),) = reviewed.items()
        n = applicable[stratum]
        population = sizes[stratum] if judged == n == whole else None
        few, many = floor(shares.lower * n + _CLOSE), ceil(shares.upper * n - _CLOSE)
        below, _ = interval(few, n, population=population, confidence=confidence)
        above, _ = interval(many, n, population=population, confidence=confidence)
        return Interval(below.lower, above.upper)
    rows = [(sizes[key], n, applicable.get(key, 0)) for key, n in reviewed.items() if n]
    population, sample, members = np.array(rows, dtype=np.int64).T
    errors = np.outer((shares.lower, shares.upper), members)
    unseen = sample < population
    if unseen.sum() == 1:
        errors[0, unseen], errors[1, unseen] = (
            np.floor(errors[0, unseen] + _CLOSE),
            np.ceil(errors[1, unseen] - _CLOSE),
        )
    lower, upper = limits_of_draws(population, sample, np.array([members] * 2), errors, confidence)
    return Interval(float(lower[0]), float(upper[1]))


def answered(judged: Sequence[Judged]) -> Answered:
    """Count by stratum what reviews say."""
    return Answered(
        Counter(one.stratum for one in judged if one.answer is not None),
        Counter(one.stratum for one in judged if one.error),
    )


def _estimate(
    applicable: Sequence[Judged],
    judged: int,
    reviewed: Mapping[str, int],
    sizes: Mapping[str, int] | None,
    confidence: Fraction,
) -> Estimate | None:
    if not applicable:
        return None
    if len(reviewed) == 1:
        (stratum,) = reviewed
        whole = judged == len(applicable) == reviewed[stratum]
        return _simple(applicable, sizes[stratum] if sizes and whole else None, confidence)
    return None if sizes is None else _weighted(applicable, reviewed, sizes, confidence)


def _simple(applicable: Sequence[Judged], population: int | None, confidence: Fraction) -> Estimate:
    """Give the rate of a simple sample: exact, unless the population of answers is unknown."""
    errors, n = sum(one.error for one in applicable), len(applicable)
    limits, _ = interval(errors, n, population=population, confidence=confidence)
    return Estimate(
        errors / n,
        limits,
        "clopper-pearson" if population is None else "exact",
    )


def _weighted(
    applicable: Sequence[Judged],
    reviewed: Mapping[str, int],
    sizes: Mapping[str, int],
    confidence: Fraction,
) -> Estimate | None:
    members = Counter(one.stratum for one in applicable)
    errors = Counter(one.stratum for one in applicable if one.error)
    strata = [
        DomainStratum(key, sizes[key], count, members[key], errors[key])
        for key, count in reviewed.items()
        if count
    ]
    if not any(one.members for one in strata):
        return None
    found = estimate_domain(strata, confidence)
    limits = stratified_limits(strata, confidence)
    return Estimate(found.estimate, limits, "stratified", found.standard_error)
