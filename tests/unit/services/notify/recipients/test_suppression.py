from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.recipients.suppression import (
    MOST_SOFT,
    SOFT_WINDOW,
    Bounce,
    Hardness,
    is_suppressed,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def bounces(*kinds: tuple[Hardness, int]) -> list[Bounce]:
    return [Bounce(hardness, NOW - days * DAY) for hardness, days in kinds]


@pytest.mark.parametrize(
    ("found", "suppressed"),
    [
        ([], False),
        ([(Hardness.HARD, 0)], True),
        ([(Hardness.HARD, 900)], True),
        ([(Hardness.SOFT, 0), (Hardness.SOFT, 1)], False),
        ([(Hardness.SOFT, 0), (Hardness.SOFT, 1), (Hardness.SOFT, 29)], True),
        ([(Hardness.SOFT, 0), (Hardness.SOFT, 1), (Hardness.SOFT, 30)], False),
        ([(Hardness.NONE, 0)] * 9, False),
    ],
)
def test_one_hard_bounce_or_three_soft_ones_in_a_month_suppress_an_address(
    found: list[tuple[Hardness, int]], *, suppressed: bool
) -> None:
    assert is_suppressed(bounces(*found), NOW) is suppressed


kinds = st.lists(st.tuples(st.sampled_from(Hardness), st.integers(0, 60)), max_size=12)


@given(kinds.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_order_of_bounces_changes_nothing(
    orders: tuple[list[tuple[Hardness, int]], list[tuple[Hardness, int]]],
) -> None:
    one, other = orders

    assert is_suppressed(bounces(*one), NOW) == is_suppressed(bounces(*other), NOW)


@given(st.integers(0, 2 * MOST_SOFT))
def test_soft_bounces_are_forgotten_after_their_window(amount: int) -> None:
    found = bounces(*[(Hardness.SOFT, 0)] * amount)

    assert not is_suppressed(found, NOW + SOFT_WINDOW)
