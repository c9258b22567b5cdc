"""Twins: alike in the policy's features, decided in opposite directions, nearest first."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.policy.policy import TwinFeature, Twins
from services.controlling.twins.distance import Case, Distances, Pair, Values, nearest
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


def twin_of(seeking: Case, *others: Case, rule: Twins = TWINS) -> Pair | None:
    found = nearest(rule, [seeking], others)
    return found[0] if found else None


def apart(first: Values, second: Values, rule: Twins = TWINS) -> Decimal:
    distances = Distances(rule.features)
    return distances.share(distances.steps(first, second))


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
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
def test_the_distance_is_gowers(first: Values, second: Values, wanted: str) -> None:
    assert apart(first, second) == Decimal(wanted)


def test_the_nearest_is_the_twin_then_the_nearest_in_time_then_by_id() -> None:
    seeking = case("x", True, True, 3)
    near = case("near", True, True, 3, days=20)
    assert twin_of(seeking, case("far", True, True, 4), near) == Pair("x", "near", Decimal(0))
    sooner = case("sooner", True, True, 3, days=-5)
    assert twin_of(seeking, near, sooner) == Pair("x", "sooner", Decimal(0))
    same = [case(name, True, True, 3, days=-5) for name in ("b", "a", "c")]
    assert twin_of(seeking, near, *same) == Pair("x", "a", Decimal(0))


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
    assert twin_of(case("x", True, True, 3), other) is None


# What can differ within the largest distance (a word that weighs little, a number beyond its scale)
# and what can't; several at one place, one moment and in one case.
RULE = Twins(
    features=(
        TwinFeature(field="features.secured", weight=Decimal(2)),
        TwinFeature(field="features.years", scale=Decimal(5)),
        TwinFeature(field="features.income", scale=Decimal(100), weight=Decimal("0.3")),
        TwinFeature(field="features.town", weight=Decimal("0.2")),
    ),
    within_days=30,
    maximum_distance=Decimal("0.15"),
)
cases = st.lists(
    st.tuples(
        st.integers(-40, 40),
        st.sampled_from(["case-of-x", "other", "another"]),
        st.sampled_from([True, False, None]),
        st.one_of(st.integers(0, 6), st.just("many"), st.none()),
        st.one_of(st.integers(0, 300), st.none()),
        st.sampled_from(["here", "there", None]),
    ),
    max_size=24,
).map(
    lambda drawn: [
        case(f"{number:02}", *values, days=days, who=who)
        for number, (days, who, *values) in enumerate(drawn)
    ]
)


@given(cases, cases, st.randoms(use_true_random=False))
def test_it_is_what_looking_at_all_would_find_in_any_order(
    ones: list[Case], others: list[Case], chance: object
) -> None:
    shuffled = list(others)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    found = {pair.decision_id: pair for pair in nearest(RULE, ones, shuffled)}
    for one in ones:
        possible = [
            (far, abs(other.decided_at - one.decided_at), other.decision_id)
            for other in others
            if (far := apart(one.values, other.values, RULE)) <= RULE.maximum_distance
            and abs(other.decided_at - one.decided_at) <= timedelta(days=30)
            and other.case_ref != one.case_ref
        ]
        if possible:
            far, _, twin = min(possible)
            assert found[one.decision_id] == Pair(one.decision_id, twin, far)
        else:
            assert one.decision_id not in found


@pytest.mark.parametrize("values", [16, 1_000_000])
def test_many_cost_no_more_each_than_few_however_finely_a_feature_is_divided(values: int) -> None:
    rule = RULE.model_copy(update={"within_days": 3660})

    def cost(amount: int) -> float:
        ones, others = (
            [
                case(f"{side}{n}", True, n * step % values, 5, "here", days=n % 300)
                for n in range(amount)
            ]
            for side, step in (("a", 7_919), ("b", 104_729))
        )
        return steps(lambda: nearest(rule, ones, others)) / amount

    assert cost(8_000) < 2 * cost(500)
