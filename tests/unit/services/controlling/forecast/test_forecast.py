"""A preview says what a policy costs and what it buys, and counts chances, not tickets."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import comb
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.controlling.forecast.forecast import Counted, Forecast, expected_sample, forecast
from services.controlling.policy.calendar import PeriodLength
from services.controlling.policy.policy import Policy, Rule
from services.controlling.policy.strata import Kind
from services.controlling.statistics.intervals import interval
from shared.events.vocabulary import Direction

MONDAY = date(2026, 5, 4)


def policy(**sections: Any) -> Policy:
    return Policy.model_validate(
        {"version": "1", "default_rate": Decimal("0.1"), "review_hours": Decimal(2), **sections}
    )


def counted(
    decisions: int, day: date = MONDAY, type_code: str = "AufenthG-18b", group: str = "work"
) -> Counted:
    return Counted(Kind(type_code, Direction.ADVERSE, "unit-2", day, ()), group, decisions)


def of(*rows: Counted, days: int = 30, **sections: Any) -> Forecast:
    return forecast(policy(**sections), rows, days)


@pytest.mark.parametrize("minimum", [0, 1, 3, 8, 20])
@pytest.mark.parametrize("rate", ["0", "0.1", "0.5", "1"])
def test_the_expected_sample_is_counted_exactly(rate: str, minimum: int) -> None:
    p, size = float(rate), 12
    exact = sum(
        comb(size, k) * p**k * (1 - p) ** (size - k) * max(k, min(minimum, size))
        for k in range(size + 1)
    )
    assert expected_sample(Rule(Decimal(rate), minimum), size) == pytest.approx(exact)


def test_weeks_share_what_is_drawn_by_their_decisions() -> None:
    found = of(counted(100), counted(300, MONDAY + timedelta(days=9)))
    (stratum,) = found.strata
    assert [(week.monday, week.decisions) for week in stratum.weeks] == [
        (MONDAY, 100),
        (MONDAY + timedelta(days=7), 300),
    ]
    assert [week.drawn for week in stratum.weeks] == pytest.approx([10, 30])
    assert found.hours == pytest.approx(80)


def test_double_reviews_cost_their_share() -> None:
    assert of(counted(100), double_reviews=Decimal("0.2")).hours == pytest.approx(24)


def test_a_minimum_counts_once_a_period() -> None:
    rows = (counted(50, date(2026, 5, 4)), counted(50, date(2026, 6, 1)))
    per_month = of(*rows, default_rate=Decimal(0), default_minimum=5)
    per_quarter = of(*rows, default_rate=Decimal(0), default_minimum=5, period=PeriodLength.QUARTER)
    assert (per_month.drawn, per_quarter.drawn) == (10, 5)


def test_a_stratum_below_its_minimum_is_reviewed_whole_and_named() -> None:
    (stratum,) = of(counted(3), default_minimum=5).strata
    assert (stratum.drawn, stratum.short, stratum.half_width) == (3, 1, 0)


def test_rate_0_says_nothing_about_the_stratum() -> None:
    found = of(
        counted(40),
        counted(60, group="family", type_code="AufenthG-30"),
        rates=({"group": "family", "rate": Decimal(0), "why": "not now"},),
    )
    assert found.unseen == 60
    assert found.strata[0].half_width is None
    assert found.half_width is not None


def test_rate_1_leaves_nothing_uncertain() -> None:
    found = of(counted(40), default_rate=Decimal(1))
    assert (found.drawn, found.half_width, found.unseen) == (40, 0, 0)


def test_the_precision_is_about_that_of_the_exact_interval_at_the_expected_rate() -> None:
    (stratum,) = of(counted(1000), expected_errors=Decimal("0.05")).strata
    limits, _ = interval(5, 100, population=1000)
    assert stratum.half_width == pytest.approx((limits.upper - limits.lower) / 2, rel=0.05)


def test_several_periods_are_known_better_than_one_and_less_well_than_one_as_long() -> None:
    rows = [counted(200, date(2026, month, 4)) for month in (4, 5, 6)]
    one, months = of(rows[0]), of(*rows)
    quarter = of(*rows, period=PeriodLength.QUARTER)
    assert [len(found.strata[0].sizes) for found in (one, months, quarter)] == [1, 3, 1]
    assert one.half_width is not None
    assert months.half_width is not None
    assert quarter.half_width is not None
    assert one.half_width > months.half_width >= quarter.half_width


def test_every_rate_needed_gives_the_wanted_precision() -> None:
    found = of(
        counted(800),
        counted(200, group="family", type_code="AufenthG-30"),
        rates=(
            {
                "group": "family",
                "rate": Decimal(1),
                "expected_errors": Decimal("0.2"),
                "why": "x x",
            },
        ),
    )
    wanted = Fraction(3, 100)
    fewest, by_size = (found.whole_to(wanted, by_size=flag) for flag in (False, True))
    assert fewest.half_width <= 0.03
    assert by_size.half_width <= 0.03
    assert fewest.reviews <= by_size.reviews < found.each_to(wanted).reviews
    assert max(by_size.rates.values()) == pytest.approx(min(by_size.rates.values()), rel=0.1)


def test_a_window_after_a_change_of_law_expects_the_pace_that_was_counted() -> None:
    new_law = {
        "name": "new-law",
        "types": ("AufenthG-18b",),
        "changed": date(2027, 1, 1),
        "days": 60,
        "why": "new",
    }
    found = of(counted(90), days=30, priority=(new_law,))
    assert [(one.name, one.decisions) for one in found.windows] == [("new-law", 180)]
    assert found.strata[0].rate == Decimal("0.1")


rows = st.lists(
    st.builds(
        counted,
        st.integers(1, 200),
        st.dates(date(2026, 1, 1), date(2026, 3, 31)),
        st.sampled_from(["AufenthG-18a", "AufenthG-18b"]),
        st.sampled_from(["work", "family"]),
    ),
    min_size=1,
    max_size=12,
)


@given(rows, st.decimals("0", "1", places=2), st.integers(0, 50))
@settings(deadline=None, max_examples=50)
def test_weeks_strata_and_the_whole_add_up(
    given_rows: list[Counted], rate: Decimal, minimum: int
) -> None:
    found = of(*given_rows, default_rate=rate, default_minimum=minimum)
    assert found.decisions == sum(row.decisions for row in given_rows)
    assert sum(week.drawn for week in found.weeks) == pytest.approx(found.drawn)
    assert sum(week.hours for week in found.weeks) == pytest.approx(found.hours)
    assert found.drawn <= found.decisions + 1e-9
