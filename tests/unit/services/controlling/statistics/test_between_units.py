"""The variance between units is an estimate with limits, and 0 where chance explains all."""

import random
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.statistics.between_units import between_units
from services.controlling.statistics.charts import Counts

COUNTS = st.integers(1, 60).flatmap(lambda n: st.builds(Counts, st.integers(0, n), st.just(n)))


def units(chance: random.Random, spread: float, number: int) -> dict[str, Counts]:
    found = {}
    for name in range(number):
        rate = 0.3 + spread * (1 if name % 2 else -1)
        sample = 40 + 10 * (name % 5)
        found[str(name)] = Counts(sum(chance.random() < rate for _ in range(sample)), sample)
    return found


@pytest.mark.parametrize(("spread", "number"), [(0.0, 4), (0.0, 30), (0.1, 10), (0.1, 54)])
def test_its_limits_hold_the_truth(spread: float, number: int) -> None:
    chance = random.Random(f"{spread}/{number}")
    held = 0
    for _ in range(200):
        found = between_units({"all": units(chance, spread, number)})
        assert found
        held += found.lower <= spread**2 * (1 + 1e-9) and spread**2 <= found.upper + 1e-9
    assert held >= 185


def test_it_is_0_where_units_are_alike_and_nothing_where_none_can_differ() -> None:
    alike = between_units({"all": {name: Counts(10, 100) for name in "abcd"}})
    assert alike
    assert (alike.variance, alike.lower) == (0, 0)
    assert between_units({"all": {name: Counts(0, 100) for name in "abcd"}}) is None


def test_a_harder_mix_of_cases_is_no_variance() -> None:
    found = between_units(
        {
            "hard": {"north": Counts(270, 900), "south": Counts(30, 100)},
            "easy": {"north": Counts(2, 100), "south": Counts(18, 900)},
        }
    )
    assert found
    assert found.variance == 0


def test_with_equal_numbers_it_is_what_the_squares_leave_after_chance() -> None:
    counts = {"a": Counts(10, 100), "b": Counts(20, 100), "c": Counts(45, 100)}
    found = between_units({"all": counts})
    assert found
    rates = [one.errors / one.sample for one in counts.values()]
    mean = sum(rates) / 3
    chance = mean * (1 - mean) / 100
    by_hand = sum((rate - mean) ** 2 for rate in rates) / 2 - chance
    assert found.variance == pytest.approx(by_hand)
    assert found.deviation == pytest.approx(sqrt(by_hand))


@given(st.dictionaries(st.sampled_from("abcdef"), COUNTS, min_size=2))
def test_the_estimate_lies_between_its_limits(counts: dict[str, Counts]) -> None:
    found = between_units({"all": counts})
    if found:
        assert 0 <= found.lower <= found.variance <= found.upper
