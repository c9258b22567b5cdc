"""Are like cases decided alike in all units, the mix of cases held?

Sources: N. Mantel, W. Haenszel, "Statistical aspects of the analysis of data from retrospective
studies of disease", JNCI 22 (1959); J. R. Landis, E. R. Heyman, G. G. Koch, "Average partial
association in three-way contingency tables", International Statistical Review 46 (1978); Y.
Benjamini, Y. Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from math import fsum, sqrt
from typing import Any, NamedTuple

import numpy as np
from scipy.special import chdtrc, ndtr

from services.controlling.statistics.between_units import Between, between_units
from services.controlling.statistics.charts import (
    ALARM,
    WARNING,
    Counts,
    exact_funnel,
    funnel_among,
    overdispersion,
)
from services.controlling.statistics.errors import CountsContradict, NothingReviewed, OutOfRange
from services.controlling.statistics.intervals import Interval, check_counts
from services.controlling.statistics.suppression import Withheld, release_parts

CaseMix = Mapping[str, Mapping[str, Counts]]
"""What was found, by kind of case and then by unit; a unit may lack some kinds."""

_ROUNDING = 1e-9


class Homogeneity(NamedTuple):
    """Whether all units could have the same rates.

    Attributes:
        statistic: Chi-squared; 0 when all are as expected.
        degrees_of_freedom: Units that can differ, less one.
        p_value: How often chance alone gives as much.
    """

    statistic: float
    degrees_of_freedom: int
    p_value: float


class Difference(NamedTuple):
    """A unit against the others, the mix of cases held.

    Attributes:
        sample: Decisions of the unit.
        errors: Errors found among them.
        expected: Errors it would have with the rates of the units it is compared with, itself
            among them.
        warning: Exact limits within which chance keeps 95 % of units like this one; None where
            all units have no errors, or only errors.
        alarm: The same for 99.8 %.
        wider_warning: The first widened by overdispersion, where that was chosen.
        wider_alarm: The second likewise.
        p_value: Two-sided chance of at least that distance; with overdispersion where chosen.
        discovered: Whether it counts as different when at most the stated share of those that
            do may be false.
    """

    sample: int
    errors: int
    expected: float
    warning: Interval | None
    alarm: Interval | None
    wider_warning: Interval | None
    wider_alarm: Interval | None
    p_value: float
    discovered: bool


class Consistency(NamedTuple):
    """Which units differ.

    Attributes:
        overdispersion: How much more units differ than chance makes them, where it was chosen that
            wider limits and p-values allow for it; None where they don't.
        between: By how much they differ beyond chance; None where none can.
        units: By unit; None where too few decisions were reviewed to show it.
    """

    overdispersion: float | None
    between: Between | None
    units: dict[str, Difference | None]


class _Comparison(NamedTuple):
    sample: int
    errors: int
    expected: float
    score: float

    def p_value(self, dispersion: float | None) -> float:
        """Give the two-sided chance of at least this distance."""
        return 2 * float(ndtr(-abs(self.score) / sqrt(dispersion or 1)))


def homogeneity(mix: CaseMix) -> Homogeneity:
    """Test that rates don't differ between units within any kind of case.

    The generalised Mantel-Haenszel test: errors per unit, added over kinds, against their
    hypergeometric expectation and covariance (Landis, Heyman, Koch 1978).
    """
    units = _units(mix)
    distance = np.zeros(len(units))
    covariance = np.zeros((len(units), len(units)))
    for counts in mix.values():
        sizes = np.array([counts[unit].sample if unit in counts else 0 for unit in units])
        errors = np.array([counts[unit].errors if unit in counts else 0 for unit in units])
        n, wrong = sizes.sum(), errors.sum()
        shares = sizes / n
        distance += errors - wrong * shares
        if n > 1:
            spread = wrong * (n - wrong) / (n - 1)
            covariance += spread * (np.diag(shares) - np.outer(shares, shares))
    # The rows of each kind add up to nothing; rounding must not count as one more dimension.
    freedom = int(np.linalg.matrix_rank(covariance, rtol=_ROUNDING, hermitian=True))
    inverse = np.linalg.pinv(covariance, rtol=_ROUNDING, hermitian=True)
    statistic = float(distance @ inverse @ distance)
    return Homogeneity(statistic, freedom, float(chdtrc(freedom, statistic)) if freedom else 1.0)


def differences(
    mix: CaseMix, false_discoveries: float = 0.05, *, widened: bool = False
) -> Consistency:
    """Compare each unit with the others and control how many findings are false.

    Per unit the Mantel-Haenszel statistic without continuity correction, over the units
    Benjamini-Hochberg. The unit that differs most is set aside and the rest compared again, until
    none differs or two are left: else one unit that errs often makes the others look as if they
    erred seldom. Units that were set aside are compared with those that remain. The funnel's
    limits lie around the rate expected of the unit's own cases.

    Args:
        mix: What was found.
        false_discoveries: Share of the units found to differ that may be false.
        widened: Whether units may differ as much as most do for reasons nobody can name. Where
            unlike decisions are what is looked for, this takes the finding for noise.
    """
    if not 0 < false_discoveries < 1:
        raise OutOfRange("share of false discoveries", false_discoveries, "above 0 and below 1")
    units = _units(mix)

    def compare(some: Sequence[str]) -> _Findings:
        return _Findings.of(mix, some, false_discoveries, widened=widened)

    usual, found = list(units), compare(units)
    while len(usual) > 2 and (odd := found.most_different()):  # noqa: PLR2004 - one differs from one
        usual.remove(odd)
        found = compare(usual)
    compared = {
        unit: found.compared.get(unit) or _against_others(mix, [*usual, unit], unit)
        for unit in units
    }
    shown = {
        unit: _difference(
            unit,
            one,
            found.dispersion,
            discovered=unit not in usual or unit in found.discovered,
        )
        for unit, one in compared.items()
    }
    return Consistency(found.dispersion, between_units(mix), release_parts(shown))


class _Findings(NamedTuple):
    compared: Mapping[str, _Comparison]
    dispersion: float | None
    discovered: frozenset[str]

    @classmethod
    def of(
        cls, mix: CaseMix, units: Sequence[str], false_discoveries: float, *, widened: bool
    ) -> "_Findings":
        compared = {unit: _against_others(mix, units, unit) for unit in units}
        scores = [one.score for one in compared.values()]
        dispersion = overdispersion(scores) if widened else None
        p_values = [one.p_value(dispersion) for one in compared.values()]
        beyond = discoveries(p_values, false_discoveries)
        named = (unit for unit, differs in zip(units, beyond, strict=True) if differs)
        return cls(compared, dispersion, frozenset(named))

    def most_different(self) -> str | None:
        """Name the unit that differs most, of those that do."""
        return max(self.discovered, key=lambda unit: abs(self.compared[unit].score), default=None)


def discoveries(p_values: Sequence[float], share: float) -> list[bool]:
    """Tell which are discoveries, so that at most such a share of them is false."""
    ranked = enumerate(sorted(p_values), start=1)
    last = max((p for rank, p in ranked if p * len(p_values) <= rank * share), default=-1.0)
    return [p <= last for p in p_values]


def _difference(
    unit: str, one: _Comparison, dispersion: float | None, *, discovered: bool
) -> Withheld[Difference]:
    figures = Difference(
        one.sample,
        one.errors,
        one.expected,
        _limits(one, WARNING),
        _limits(one, ALARM),
        _limits(one, WARNING, dispersion) if dispersion else None,
        _limits(one, ALARM, dispersion) if dispersion else None,
        one.p_value(dispersion),
        discovered=discovered,
    )
    return Withheld({unit: (one.errors, one.sample)}, figures)


def _limits(
    one: _Comparison, confidence: Fraction, dispersion: float | None = None
) -> Interval | None:
    baseline = Fraction(one.expected / one.sample)
    if not 0 < baseline < 1:
        return None
    if dispersion is None:
        return exact_funnel(baseline, one.sample, confidence)
    return funnel_among(baseline, one.sample, confidence, dispersion)


def as_object(whole: Homogeneity, found: Consistency) -> dict[str, Any]:
    """Write both tests as one object for programs."""
    return {
        **whole._asdict(),
        "overdispersion": found.overdispersion,
        "between_units": found.between
        and {**found.between._asdict(), "standard_deviation": found.between.deviation},
        "units": {name: unit and _object(unit) for name, unit in found.units.items()},
    }


def _object(unit: Difference) -> dict[str, Any]:
    return {
        "sample": unit.sample,
        "errors": unit.errors,
        "expected": unit.expected,
        "limits95": unit.warning and asdict(unit.warning),
        "limits998": unit.alarm and asdict(unit.alarm),
        "widened95": unit.wider_warning and asdict(unit.wider_warning),
        "widened998": unit.wider_alarm and asdict(unit.wider_alarm),
        "p_value": unit.p_value,
        "discovered": unit.discovered,
    }


def _units(mix: CaseMix) -> Sequence[str]:
    for kind, counts in mix.items():
        if not counts:
            raise NothingReviewed(f"kind {kind}")
        for errors, sample in counts.values():
            check_counts(errors, sample)
    units = sorted({unit for counts in mix.values() for unit in counts})
    if len(units) < 2:  # noqa: PLR2004 - one can't differ from itself
        raise CountsContradict(f"{len(units)} units can't differ, there must be 2")
    return units


def _against_others(mix: CaseMix, units: Sequence[str], unit: str) -> _Comparison:
    """Compare a unit with all others of the given ones."""
    sample = errors = 0
    expected, variance = [], []
    for counts in mix.values():
        if unit not in counts:
            continue
        own = counts[unit]
        compared = [counts[one] for one in units if one in counts]
        n = sum(one.sample for one in compared)
        wrong = sum(one.errors for one in compared)
        sample += own.sample
        errors += own.errors
        expected.append(wrong * own.sample / n)
        if n > 1:
            unseen = (n - own.sample) * (n - wrong)
            variance.append(own.sample * wrong * unseen / (n * n * (n - 1)))
    spread = sqrt(fsum(variance))
    score = (errors - fsum(expected)) / spread if spread else 0.0
    return _Comparison(sample, errors, fsum(expected), score)
