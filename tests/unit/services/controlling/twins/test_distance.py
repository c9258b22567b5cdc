"""Twins: alike in the policy's features, decided in opposite directions, nearest first."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.policy.policy import TwinFeature, Twins
from services.controlling.twins.distance import Case, Neighbours, Pair, Values, distance
from shared.events.vocabulary import FeatureValue
from tests.steps import steps

AT = datetime(2026, 5, 4, 8, tzinfo=UTC)
TWINS = Twins(
    features=(
        TwinFeature(field="features.renewal"),
        TwinFeature(field="features.secured", weight=Decimal(2)),
        TwinFeature(field="features.years", scale=Decimal(5)),
    ),
    within_days=30,
    maximum_distance=Decimal("0.1"),
)


def case(name: str, *values: FeatureValue | None, days: float = 0, who: str | None = None) -> Case:
    return Case(name, who or f"case-of-{name}", AT + timedelta(days=days), values)


def neighbours(*cases: Case) -> Neighbours:
    found = Neighbours(TWINS)
    for one in cases:
        found.add(one)
    return found


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        ((True, True, 3), (True, True, 3), "0"),
        ((True, True, 3), (False, True, 3), "0.25"),
        ((True, True, 3), (True, False, 3), "0.5"),
        ((True, True, 3), (True, True, 4), "0.05"),
        ((True, True, 3), (True, True, 13), "0.25"),
        ((True, True, None), (True, True, None), "0.25"),
        ((None, None, None), (None, None, None), "1"),
    ],
)
def test_the_distance_is_gowers(first: Values, second: Values, apart: str) -> None:
    assert distance(first, second, TWINS.features) == Decimal(apart)


def test_the_nearest_is_the_twin_then_the_nearest_in_time_then_by_id() -> None:
    seeking = case("x", True, True, 3)
    near = case("near", True, True, 3, days=20)
    assert neighbours(case("far", True, True, 4), near).nearest(seeking) == Pair(
        "x", "near", Decimal(0)
    )
    sooner = case("sooner", True, True, 3, days=-5)
    assert neighbours(near, sooner).nearest(seeking) == Pair("x", "sooner", Decimal(0))
    same = [case(name, True, True, 3, days=-5) for name in ("b", "a", "c")]
    assert neighbours(near, *same).nearest(seeking) == Pair("x", "a", Decimal(0))


@pytest.mark.parametrize(
    "other",
    [
        case("late", True, True, 3, days=30.1),
        case("early", True, True, 3, days=-30.1),
        case("unlike", True, True, 6),
        case("unknown", None, None, None),
        case("own", True, True, 3, who="case-of-x"),
    ],
)
def test_none_is_found_outside_the_window_or_too_far_apart_or_in_the_same_case(other: Case) -> None:
    assert neighbours(other).nearest(case("x", True, True, 3)) is None


cases = st.lists(
    st.builds(
        lambda days, years, who: (days, years, who),
        st.integers(-40, 40),
        st.integers(0, 6),
        st.sampled_from(["case-of-x", "other", "another"]),
    ),
    max_size=20,
).map(
    lambda drawn: [
        case(f"{number:02}", True, True, years, days=days, who=who)
        for number, (days, years, who) in enumerate(drawn)
    ]
)


@given(cases, st.randoms(use_true_random=False))
def test_it_is_what_looking_at_all_would_find_in_any_order(
    found: list[Case], chance: object
) -> None:
    seeking = case("x", True, True, 3)
    possible = [
        (apart, abs(one.decided_at - AT), one.decision_id)
        for one in found
        if (apart := distance(seeking.values, one.values, TWINS.features)) <= TWINS.maximum_distance
        and abs(one.decided_at - AT) <= timedelta(days=30)
        and one.case_ref != seeking.case_ref
    ]
    shuffled = list(found)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    twin = neighbours(*shuffled).nearest(seeking)
    assert (twin and twin.twin) == (min(possible)[2] if possible else None)


def test_many_alike_cost_no_more_than_few() -> None:
    def cost(amount: int) -> int:
        many = neighbours(
            *(case(f"{n:06}", True, n % 2 == 0, n % 16, days=n / amount) for n in range(amount))
        )
        seeking = [case(f"x{n}", True, True, n % 16, days=n / 500) for n in range(500)]
        return steps(lambda: [many.nearest(one) for one in seeking])

    assert cost(20_000) < 2 * cost(200)
