"""A short run of the proof on data; the whole one is `make proof`."""

from pathlib import Path

import pytest

from tests.oracle.table import LargestDifference, put_into_guide
from tests.proof.coverage import Covered, coverage, shares
from tests.proof.differences import ODD, named, score
from tests.proof.histories import Month, months
from tests.proof.plot import picture
from tests.proof.twin_pairs import Twins, inject_and_find

DRAWS = 5


@pytest.fixture(scope="module")
def history() -> list[Month]:
    return list(months(3, 3, factors=ODD))


def test_intervals_of_a_period_hold_the_injected_truth(history: list[Month]) -> None:
    found = shares(coverage(history, DRAWS))
    exact = [one for key, one in found.items() if key.kind == "strata" and not key.name]
    whole = [one for key, one in found.items() if key.kind == "whole"]
    assert sum(one.covered for one in exact) >= 0.95 * sum(one.intervals for one in exact)
    assert sum(one.intervals for one in whole) == 3 * len(history) * DRAWS
    assert sum(one.covered for one in whole) >= 0.9 * sum(one.intervals for one in whole)


def test_a_draw_is_the_same_each_time_and_another_with_another_seed(history: list[Month]) -> None:
    month = history[0]
    assert month.sample(0) == month.sample(0)
    assert month.sample(0).drawn != month.sample(1).drawn


def test_units_that_err_more_often_are_named_and_hardly_any_other(
    history: list[Month],
) -> None:
    found = score([named(history, draw) for draw in range(DRAWS)], ODD)
    assert found.right >= 1
    assert found.false <= 2


def test_injected_twins_are_found_and_none_where_there_are_none() -> None:
    found = inject_and_find(1, 5, weeks=8)
    assert (found.injected, found.found, found.false) == (5, 5, 0)
    assert inject_and_find(1, 0, weeks=8) == Twins(found.decisions, 0, 0, 0)


def test_the_picture_tells_its_numbers_to_who_can_not_see_it() -> None:
    drawn = picture({"whole": Covered(200, 190)}, "Coverage", "What it shows")
    assert "<title" in drawn
    assert "<desc" in drawn
    assert "95.0 % of 200" in drawn


def test_the_table_of_differences_is_put_into_the_guide(tmp_path: Path) -> None:
    guide = tmp_path / "guide.md"
    head = "| Figure | Compared with | Inputs | Largest difference |\n|---|---|---|---|\n"
    guide.write_text(f"before\n\n{head}| old | | | |\n\nafter\n")
    put_into_guide([LargestDifference("kappa", "irrCAC", 1000, 3e-12)], guide)
    assert guide.read_text() == f"before\n\n{head}| kappa | `irrCAC` | 1,000 | 3e-12 |\n\nafter\n"
