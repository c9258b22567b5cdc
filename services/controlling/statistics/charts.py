"""Is a unit or a month different, or is it chance? Funnel, p-chart and CUSUM.

Never a league table: a chart names what lies outside its limits, not who is first.

Sources: D. J. Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics
in Medicine 24 (2005); D. C. Montgomery, "Introduction to Statistical Quality Control", 6th ed.
(2009), 7.2; S. H. Steiner et al., "Monitoring surgical performance using risk-adjusted cumulative
sum charts", Biostatistics 1 (2000).
"""

from collections.abc import Sequence
from fractions import Fraction
from math import log, sqrt
from statistics import quantiles
from typing import NamedTuple

from services.controlling.statistics.discrete import binomial_quantile
from services.controlling.statistics.errors import CountsContradict, NothingReviewed, OutOfRange
from services.controlling.statistics.intervals import (
    Interval,
    check_confidence,
    check_counts,
    normal_quantile,
)
from services.controlling.statistics.suppression import Withheld, release_parts

WARNING = Fraction(95, 100)
"""Outside these limits: worth a look."""
ALARM = Fraction(998, 1000)
"""Outside these limits: hardly chance, as wide as three standard errors."""
_SIGMAS = 3
_ENOUGH_UNITS = 20
_QUARTILE = 0.6744897501960817  # of the standard normal distribution


class Counts(NamedTuple):
    """What was found in one unit or period."""

    errors: int
    sample: int


class Point(NamedTuple):
    """A rate and the limits chance would keep it within."""

    rate: float
    limits: Interval

    @property
    def out(self) -> bool:
        """Tell whether it lies outside."""
        return not self.limits.lower <= self.rate <= self.limits.upper


class PChart(NamedTuple):
    """Rates over time around their common centre.

    Attributes:
        centre: The rate of all periods together.
        limits: Of every period, when all samples have the same size.
        points: By period; None where too few decisions were reviewed to show it.
    """

    centre: float
    limits: Interval | None
    points: tuple[Point | None, ...]

    @property
    def out(self) -> list[int]:
        """Name the periods that lie outside, counted from 1."""
        return [number for number, point in enumerate(self.points, 1) if point and point.out]


def funnel(baseline: Fraction, sample: int, confidence: Fraction) -> Interval:
    """Give the limits of a unit's rate by the normal approximation, cut at 0 and 1.

    As published by public health bodies; for small samples see `exact_funnel`.
    """
    _check_baseline(baseline, sample, confidence)
    rate = float(baseline)
    reach = normal_quantile(confidence) * sqrt(rate * (1 - rate) / sample)
    return Interval(max(0.0, rate - reach), min(1.0, rate + reach))


def exact_funnel(baseline: Fraction, sample: int, confidence: Fraction) -> Interval:
    """Give the rates that neither binomial tail rejects at half the risk, both ends included.

    Of units that don't differ no more lie outside than the confidence leaves, however small the
    sample (Spiegelhalter 2005, A.1.1, without interpolating between numbers of errors).
    """
    _check_baseline(baseline, sample, confidence)
    tail = float((1 - confidence) / 2)
    lower, upper = (binomial_quantile(one, sample, float(baseline)) for one in (tail, 1 - tail))
    return Interval(lower / sample, upper / sample)


def overdispersion(scores: Sequence[float]) -> float:
    """Tell how much more units differ than chance makes them: 1 is chance alone.

    The squared spread of the units' z-scores between their quartiles, beside that of the normal
    distribution, so that up to a quarter of units that really differ can't hide themselves (the
    empirical null of B. Efron, "Large-scale simultaneous hypothesis testing", JASA 99, 2004).
    Multiply limits by its square root, as `funnel_among` (Spiegelhalter 2005, 3). It is 1 with
    fewer than twenty units, and where it isn't more than two standard errors above 1.
    """
    if len(scores) < _ENOUGH_UNITS:
        return 1.0
    low, _, high = quantiles(scores, n=4, method="inclusive")
    ratio = ((high - low) / (2 * _QUARTILE)) ** 2
    return ratio if ratio > 1 + 2 * sqrt(2 / len(scores)) else 1.0


def funnel_among(
    baseline: Fraction, sample: int, confidence: Fraction, dispersion: float
) -> Interval:
    """Give exact limits, widened by what units differ for reasons nobody can name."""
    if dispersion < 1:
        raise OutOfRange("overdispersion", dispersion, "at least 1")
    limits, rate = exact_funnel(baseline, sample, confidence), float(baseline)
    wider = sqrt(dispersion)
    return Interval(
        max(0.0, min(limits.lower, rate - wider * (rate - limits.lower))),
        min(1.0, max(limits.upper, rate + wider * (limits.upper - rate))),
    )


def p_chart(periods: Sequence[Counts]) -> PChart:
    """Chart rates over time: limits three standard errors from the common centre (Montgomery).

    Raises:
        NothingReviewed: there is no period, or one without reviews.
    """
    if not periods:
        raise NothingReviewed("the list of periods")
    for errors, sample in periods:
        check_counts(errors, sample)
    reviewed = sum(sample for _, sample in periods)
    centre = sum(errors for errors, _ in periods) / reviewed
    points = {}
    for number, (errors, sample) in enumerate(periods):
        reach = _SIGMAS * sqrt(centre * (1 - centre) / sample)
        limits = Interval(max(0.0, centre - reach), min(1.0, centre + reach))
        points[number] = Withheld({number: (errors, sample)}, Point(errors / sample, limits))
    shown = tuple(release_parts(points).values())
    alike = len({sample for _, sample in periods}) == 1
    return PChart(centre, shown[0].limits if alike and shown[0] else None, shown)


def cusum(periods: Sequence[Counts], *, usual: Fraction, feared: Fraction) -> list[float | None]:
    """Add up the evidence that the rate is the feared one, not the usual: finds slow drift.

    After each period the sum of log-likelihood ratios, never below 0 (Steiner et al. 2000). An
    alarm is a sum above a limit chosen for how rarely it may be false, as 4.5. A period with too
    few reviews to be shown adds nothing, for the next sum would tell it, and has None.
    """
    for name, rate in (("usual rate", usual), ("feared rate", feared)):
        if not 0 < rate < 1:
            raise OutOfRange(name, float(rate), "above 0 and below 1")
    if usual == feared:
        raise CountsContradict("the feared rate is the usual one")
    for period in periods:
        check_counts(*period)
    error, correct = log(feared / usual), log((1 - feared) / (1 - usual))
    counts = {number: Withheld({number: one}, one) for number, one in enumerate(periods)}
    sums: list[float | None] = []
    total = 0.0
    for shown in release_parts(counts).values():
        if shown is not None:
            evidence = shown.errors * error + (shown.sample - shown.errors) * correct
            total = max(0.0, total + evidence)
        sums.append(None if shown is None else total)
    return sums


def _check_baseline(baseline: Fraction, sample: int, confidence: Fraction) -> None:
    check_counts(0, sample)
    check_confidence(confidence)
    if not 0 < baseline < 1:
        raise OutOfRange("baseline", float(baseline), "above 0 and below 1")
