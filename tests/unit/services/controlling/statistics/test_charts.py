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
from tests.unit.services.controlling.calculator.vectors import stats

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
    assert overdispersion([0.5] * 24) == 1
    assert overdispersion([-2.7, -2, -1.7, -1, -0.3, 0, 0.3, 1, 2, 2.7, 3.3, 4]) == 1
    dispersion = overdispersion([-2.7, -2, -1.7, -1, -0.3, 0, 0.3, 1, 2, 2.7, 3.3, 4] * 2)
    assert dispersion > 2
    assert funnel_among(TENTH, 100, ALARM, dispersion).upper > exact_funnel(TENTH, 100, ALARM).upper


def test_one_unit_far_outside_does_not_hide_itself() -> None:
    assert overdispersion([0.0] * 19 + [16.0]) == 1
    assert overdispersion([0.0] * 3 + [16.0]) == 1


def test_a_fifth_of_the_units_far_outside_does_not_hide_itself() -> None:
    usual = [-1.5, -1.0, -0.7, -0.4, -0.2, -0.1, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 1.1, 1.4]
    assert overdispersion([*usual, 5.0, 6.0, 7.0, 8.0]) == 1


def test_only_errors_and_none_leave_a_chart_without_alarms() -> None:
    for errors in (0, 20):
        chart = p_chart([Counts(errors, 20)] * 3)
        assert chart.out == []


def test_smaller_periods_have_wider_limits() -> None:
    small, large = p_chart([Counts(2, 20), Counts(10, 200)]).points
    assert small
    assert large
    assert small.limits.upper > large.limits.upper


def test_drift_adds_up_and_usual_months_do_not() -> None:
    rates = {"usual": Fraction(5, 100), "feared": TENTH}
    assert set(cusum([Counts(5, 100)] * 20, **rates)) == {0}
    drift = [total or 0 for total in cusum([Counts(9, 100)] * 10, **rates)]
    assert drift == sorted(drift)
    assert drift[-1] > 4.5


def test_a_period_with_few_reviews_is_not_shown_nor_can_it_be_worked_out() -> None:
    periods = [Counts(1, 6), Counts(2, 30), Counts(3, 20)]
    assert [point is None for point in p_chart(periods).points] == [True, False, True]
    first, second, third = cusum(periods, usual=Fraction(1, 20), feared=TENTH)
    assert (first, third) == (None, None)
    assert second == cusum(periods[1:2], usual=Fraction(1, 20), feared=TENTH)[0]


def test_a_file_with_strata_has_a_chart_for_each(tmp_path: Path) -> None:
    file = tmp_path / "months.csv"
    file.write_text("stratum,errors,sample\n" + "a,1,50\nb,5,50\n" * 3 + "a,30,50\n")
    found = stats("p-chart", file)["strata"]
    assert found["a"]["out"] == [4]
    assert (found["b"]["out"], found["b"]["centre"]) == ([], 0.1)


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
