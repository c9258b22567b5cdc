"""The error rate of a cell, from what was reviewed of each stratum in it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from services.controlling.figures.reviews import Answer
from services.controlling.figures.unanswered import Answered, Open, Unanswered, unanswered
from services.controlling.statistics.charts import Counts
from services.controlling.statistics.intervals import (
    Interval,
    clopper_pearson,
    interval,
    upper_limit,
    wilson,
)
from services.controlling.statistics.stratified import (
    DomainStratum,
    estimate_domain,
)
from services.controlling.statistics.stratified_limits import stratified_limits

_LEAST = Fraction(1, 1000)  # a one-sided statement of less than even chance says nothing


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
        at_most: Without any error, the one-sided upper limit.
    """

    rate: float
    limits: Interval
    method: str
    standard_error: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """What is known about one cell.

    Attributes:
        counts: Errors, and reviewed decisions to which the question applies.
        answers: How often each answer was given.
        population: Decisions there are; None when unknown, as of a group that cuts across strata.
        reviewed: Decisions reviewed, also where the question doesn't apply.
        estimate: None when no rate can be given.
        clopper_pearson: For a stratum, beside the estimate, as if the population had no end.
        wilson: Likewise, shorter, covering the truth only on average.
        unanswered: What is missing, and what the rate could be with it; None where it isn't told.
    """

    counts: Counts
    answers: Mapping[str, int]
    population: int | None
    reviewed: int
    estimate: Estimate | None
    clopper_pearson: Interval | None = None
    wilson: Interval | None = None
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
    answers = Counter(str(one.answer) for one in applicable)
    all_of_them = sizes is not None and len(judged) == sum(reviewed.values())
    population = sum(sizes[key] for key in reviewed) if sizes and all_of_them else None
    simple = counts.sample > 0 and len(reviewed) == 1
    return Rate(
        counts,
        dict(answers),
        population,
        len(judged),
        _estimate(applicable, len(judged), reviewed, sizes, confidence),
        clopper_pearson(*counts, confidence) if simple else None,
        wilson(*counts, confidence) if simple else None,
        None
        if left_open is None or sizes is None
        else unanswered(answered(judged), left_open, sizes),
    )


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
        at_most=None if errors else upper_limit(0, n, population=population, confidence=confidence),
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
    at_most = None
    if not errors.total() and any(one.sample < one.population for one in strata):
        at_most = stratified_limits(strata, max(2 * confidence - 1, _LEAST)).upper
    limits = stratified_limits(strata, confidence)
    return Estimate(found.estimate, limits, "stratified", found.standard_error, at_most)
