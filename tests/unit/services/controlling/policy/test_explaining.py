"""A policy says in words which cases are twins by it."""

from services.controlling.policy.explaining import twins_in_words
from services.controlling.policy.file import load_policy
from shared.configuration.places import POLICY


def test_the_shipped_policy_takes_a_year_of_stay_for_alike_and_two_for_unlike() -> None:
    likeness, cost = twins_in_words(load_policy(POLICY))
    assert "features.renewal the same; features.livelihood-secured the same" in likeness
    assert "features.years-of-stay at most 1.2 apart" in likeness
    assert cost.endswith("from the 12 most alike: up to 4 reviews, 6 hours")


def test_what_weighs_less_than_the_largest_distance_may_differ() -> None:
    found = load_policy(POLICY)
    assert found.twins is not None
    loose = found.twins.model_copy(update={"maximum_distance": found.twins.maximum_distance * 5})
    likeness, _ = twins_in_words(found.model_copy(update={"twins": loose}))
    assert "features.renewal may differ" in likeness
    assert "features.passport-valid the same" in likeness


def test_where_nothing_may_lie_apart_numbers_are_the_same_too() -> None:
    found = load_policy(POLICY)
    assert found.twins is not None
    strict = found.twins.model_copy(update={"maximum_distance": 0})
    likeness, _ = twins_in_words(found.model_copy(update={"twins": strict}))
    assert "features.years-of-stay the same" in likeness
