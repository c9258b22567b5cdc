"""Charts point at what chance doesn't explain, and at nothing else."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from services.controlling.statistics.charts import (
    ALARM,
    WARNING,
    Counts,
    cusum,
    exact_funnel,
    funnel,
    funnel_among,
    overdispersion,
    p_chart,
)
from services.controlling.statistics.errors import CountsContradict, NothingReviewed, OutOfRange
from tests.unit.services.controlling.statistics.vectors import stats

RATES = st.fractions("1/100", "99/100", max_denominator=100)
TENTH = Fraction(1, 10)


@given(RATES, st.integers(1, 300))
def test_the_alarm_lies_outside_the_warning_and_both_around_the_baseline(
    baseline: Fraction, sample: int
) -> None:
    for make in (funnel, exact_funnel):
        warning, alarm = (make(baseline, sample, limit) for limit in (WARNING, ALARM))
        assert 0 <= alarm.lower <= warning.lower <= warning.upper <= alarm.upper <= 1


@given(RATES, st.integers(1, 300))
def test_no_more_units_than_stated_lie_outside_exact_limits(
    baseline: Fraction, sample: int
) -> None:
    limits = exact_funnel(baseline, sample, ALARM)
    above = float(binom.sf(round(limits.upper * sample), sample, float(baseline)))
    below = float(binom.cdf(round(limits.lower * sample) - 1, sample, float(baseline)))
    assert max(above, below) <= 0.001


@given(RATES)
def test_more_reviews_narrow_the_funnel(baseline: Fraction) -> None:
    few, many = (exact_funnel(baseline, sample, WARNING) for sample in (50, 500))
    assert many.upper - many.lower < few.upper - few.lower


def test_both_funnels_meet_in_large_samples() -> None:
    exact, normal = (make(TENTH, 100_000, WARNING) for make in (exact_funnel, funnel))
    assert exact.lower == pytest.approx(normal.lower, abs=1e-4)
    assert exact.upper == pytest.approx(normal.upper, abs=1e-4)


def test_units_that_differ_for_unknown_reasons_widen_the_funnel() -> None:
    alike = [Counts(10, 100)] * 12
    unlike = [Counts(errors, 100) for errors in (2, 4, 5, 7, 9, 10, 11, 13, 16, 18, 20, 22)]
    assert overdispersion(TENTH, alike) == 1
    dispersion = overdispersion(TENTH, unlike)
    assert dispersion > 2
    assert funnel_among(TENTH, 100, ALARM, dispersion).upper > exact_funnel(TENTH, 100, ALARM).upper


def test_one_unit_far_outside_does_not_hide_itself() -> None:
    units = [Counts(10, 100)] * 19 + [Counts(60, 100)]
    assert overdispersion(TENTH, units) == 1


def test_only_errors_and_none_leave_a_chart_without_alarms() -> None:
    for errors in (0, 20):
        chart = p_chart([Counts(errors, 20)] * 3)
        assert not any(point.out for point in chart.points)


def test_smaller_periods_have_wider_limits() -> None:
    small, large = p_chart([Counts(2, 20), Counts(10, 200)]).points
    assert small.limits.upper > large.limits.upper


def test_drift_adds_up_and_usual_months_do_not() -> None:
    rates = {"usual": Fraction(5, 100), "feared": TENTH}
    assert max(cusum([Counts(5, 100)] * 20, **rates)) == 0
    drift = cusum([Counts(9, 100)] * 10, **rates)
    assert drift == sorted(drift)
    assert drift[-1] > 4.5


def test_empty_and_contradictory_inputs_are_refused() -> None:
    with pytest.raises(NothingReviewed):
        p_chart([])
    with pytest.raises(NothingReviewed):
        p_chart([Counts(0, 0)])
    with pytest.raises(OutOfRange, match="baseline is 0"):
        funnel(Fraction(0), 10, WARNING)
    with pytest.raises(CountsContradict):
        cusum([Counts(0, 1)], usual=TENTH, feared=TENTH)


def test_a_file_of_months_finds_drift(tmp_path: Path) -> None:
    file = tmp_path / "months.csv"
    file.write_text("errors,sample\n" + "9,100\n" * 10)
    assert stats("cusum", file, "--usual", 0.05, "--feared", 0.1)["sums"][-1] > 4.5
