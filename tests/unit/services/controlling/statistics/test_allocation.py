"""Reviews are shared out whole, and where they tell most."""

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.statistics.allocation import neyman, proportional
from services.controlling.statistics.errors import CountsContradict, OutOfRange
from tests.unit.services.controlling.statistics.vectors import stats

POPULATIONS = {"a": 12, "b": 7, "c": 30}
RATES = {"a": 0.5, "b": 0.02, "c": 0.1}


@given(st.integers(0, 49))
def test_nothing_is_lost_and_no_stratum_gets_more_than_it_holds(sample: int) -> None:
    for shared in (proportional(sample, POPULATIONS), neyman(sample, POPULATIONS, RATES)):
        assert sum(shared.values()) == sample
        assert all(shared[name] <= POPULATIONS[name] for name in POPULATIONS)


@pytest.mark.parametrize("sample", [3, 10, 25, 40])
def test_no_other_way_to_share_is_more_precise(sample: int) -> None:
    def variance(shares: tuple[int, ...]) -> float:
        return sum(
            n * n * RATES[name] * (1 - RATES[name]) / share
            for (name, n), share in zip(POPULATIONS.items(), shares, strict=True)
        )

    every = product(*(range(1, n + 1) for n in POPULATIONS.values()))
    best = min(variance(shares) for shares in every if sum(shares) == sample)
    assert variance(tuple(neyman(sample, POPULATIONS, RATES).values())) == pytest.approx(best)


def test_shares_follow_the_size() -> None:
    assert proportional(60, {"a": 100, "b": 200, "c": 300}) == {"a": 10, "b": 20, "c": 30}


def test_a_rate_column_asks_for_the_most_precise(tmp_path: Path) -> None:
    file = tmp_path / "strata.csv"
    file.write_text("stratum,population,rate\na,100,0.5\nb,100,0.01\n")
    found = stats("allocation", file, "--take", 60)
    assert found["a"] > 4 * found["b"]


def test_more_than_there_is_and_rates_beyond_1_are_refused() -> None:
    with pytest.raises(CountsContradict, match="50 from 49"):
        proportional(50, POPULATIONS)
    with pytest.raises(OutOfRange, match="rate of a is 2"):
        neyman(5, POPULATIONS, {"a": 2, "b": 0, "c": 0})
