"""Sampling plans as the standard tables them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.planning.acceptance import Inspection, Level, single_plan
from services.controlling.statistics.errors import PlanUnknown

LOTS = st.integers(2, 10**6)
QUALITIES = st.sampled_from([Decimal(q) for q in ("0.65", "1", "1.5", "2.5", "4", "6.5", "10")])


@given(LOTS, QUALITIES)
def test_normal_and_tightened_plans_leave_no_gap(lot: int, quality: Decimal) -> None:
    for state in (Inspection.NORMAL, Inspection.TIGHTENED):
        plan = single_plan(lot, quality, Level.II, state)
        assert plan.reject == plan.accept + 1


@given(LOTS, QUALITIES)
def test_reduced_looks_at_less_and_tightened_accepts_no_larger_share(
    lot: int, quality: Decimal
) -> None:
    normal, tightened, reduced = (single_plan(lot, quality, Level.II, one) for one in Inspection)
    assert reduced.n <= normal.n <= tightened.n
    assert tightened.accept / tightened.n <= normal.accept / normal.n


@given(LOTS)
def test_a_higher_level_never_has_an_earlier_letter(lot: int) -> None:
    letters = [single_plan(lot, Decimal(1), level).letter for level in Level]
    assert letters == sorted(letters)


def test_a_quality_level_is_a_number_not_its_spelling() -> None:
    assert single_plan(1000, Decimal(1)) == single_plan(1000, Decimal("1.00"))


def test_what_is_not_tabled_is_said() -> None:
    with pytest.raises(PlanUnknown, match="the lot has 1 decisions, plans begin at 2"):
        single_plan(1, Decimal(1))
    with pytest.raises(PlanUnknown, match=r"quality level 3 is not tabled; there are 0\.65, 1\.0"):
        single_plan(100, Decimal(3))
