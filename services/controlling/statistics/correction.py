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
    reviewed: Counts, *, flagged: Counts, passed: Counts, confidence: Fraction = CONFIDENCE
) -> CorrectedRate:
    """Correct a rate for the reviewers' own error, known from double reviews.

    Source: A. Tenenbein, "A double sampling scheme for estimating from binomial data with
    misclassifications", JASA 65 (1970); the variance is that of double sampling for
    stratification (Cochran 1977, 12.2). Without spread in the double reviews the interval is
    Clopper-Pearson on their number.

    Args:
        reviewed: Errors the first reviewers found, and decisions they reviewed.
        flagged: Of decisions they called errors: real errors, and decisions reviewed again.
        passed: Of decisions they called correct: real errors, and decisions reviewed again.
        confidence: How sure the interval is.

    Raises:
        NothingReviewed: one of the three is empty: nothing is known about that kind of mistake.
    """
    for counts in (reviewed, flagged, passed):
        check_counts(*counts)
    errors = reviewed.errors / reviewed.sample
    groups = [(errors, flagged), (1 - errors, passed)]
    rate = sum(share * group.errors / group.sample for share, group in groups)
    variance = sum(_variance(share, group, rate, reviewed.sample) for share, group in groups)
    error = sqrt(variance)
    if error == 0:
        again = flagged.sample + passed.sample
        return CorrectedRate(rate, error, clopper_pearson(round(rate * again), again, confidence))
    reach = normal_quantile(confidence) * error
    return CorrectedRate(rate, error, Interval(max(0.0, rate - reach), min(1.0, rate + reach)))


def _variance(share: float, group: Counts, rate: float, reviewed: int) -> float:
    found = group.errors / group.sample
    within = share**2 * found * (1 - found) / max(1, group.sample - 1)
    return within + share * (found - rate) ** 2 / reviewed
