"""Rates beside the plain one: without what was put right in time, and without reviewers' errors.

They are shown beside the plain rate, never instead of it.
"""

from fractions import Fraction
from math import sqrt
from typing import NamedTuple

from services.controlling.statistics.charts import Counts
from services.controlling.statistics.errors import CountsContradict
from services.controlling.statistics.intervals import (
    CONFIDENCE,
    Interval,
    check_counts,
    clopper_pearson,
    normal_quantile,
)


class CorrectedRate(NamedTuple):
    """The rate that reviewers without errors of their own would have found."""

    rate: float
    standard_error: float
    interval: Interval


def appeal_adjusted(reviewed: Counts, put_right: int) -> Counts:
    """Leave out errors the authority or a court had put right before the review was done.

    Source: the "adjusted improper denial rate" of US Labor, Benefit Accuracy Measurement, UIPL
    17-05. The decisions stay in the sample, so the rate can only fall.
    """
    check_counts(*reviewed)
    if not 0 <= put_right <= reviewed.errors:
        raise CountsContradict(f"{put_right} of {reviewed.errors} errors were put right")
    return Counts(reviewed.errors - put_right, reviewed.sample)


def corrected_for_reviewers(
    rate: float,
    standard_error: float,
    *,
    flagged: Counts,
    passed: Counts,
    confidence: Fraction = CONFIDENCE,
) -> CorrectedRate:
    """Correct a rate for the reviewers' own error, known from double reviews.

    Source: A. Tenenbein, "A double sampling scheme for estimating from binomial data with
    misclassifications", JASA 65 (1970); the variance is that of double sampling for
    stratification (Cochran 1977, 12.2). Without spread in the double reviews the interval is
    Clopper-Pearson on their number.

    Args:
        rate: What the first reviewers found, of a simple or a stratified sample.
        standard_error: Its own; `plain_error` for a simple sample.
        flagged: Of decisions they called errors: real errors, and decisions reviewed again.
        passed: Of decisions they called correct: real errors, and decisions reviewed again.
        confidence: How sure the interval is.

    Raises:
        NothingReviewed: one of the two is empty: nothing is known about that kind of mistake.
    """
    for counts in (flagged, passed):
        check_counts(*counts)
    confirmed, missed = (group.errors / group.sample for group in (flagged, passed))
    corrected = rate * confirmed + (1 - rate) * missed
    error = sqrt(
        rate**2 * _spread(flagged)
        + (1 - rate) ** 2 * _spread(passed)
        + (standard_error * (confirmed - missed)) ** 2
    )
    if error == 0:
        again = flagged.sample + passed.sample
        limits = clopper_pearson(round(corrected * again), again, confidence)
        return CorrectedRate(corrected, error, limits)
    reach = normal_quantile(confidence) * error
    limits = Interval(max(0.0, corrected - reach), min(1.0, corrected + reach))
    return CorrectedRate(corrected, error, limits)


def plain_error(reviewed: Counts) -> float:
    """Give the standard error of the rate of a simple sample."""
    check_counts(*reviewed)
    rate = reviewed.errors / reviewed.sample
    return sqrt(rate * (1 - rate) / reviewed.sample)


def _spread(group: Counts) -> float:
    found = group.errors / group.sample
    return found * (1 - found) / max(1, group.sample - 1)
