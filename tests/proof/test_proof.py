"""A short run of the proof on data; the whole one is `make proof`."""

from pathlib import Path

import pytest

from tests.proof.coverage import Covered, coverage, shares
from tests.proof.differences import ODD, named, score
from tests.proof.histories import Month, months
from tests.proof.plot import picture
from tests.proof.twin_pairs import Twins, inject_and_find
from tests.written_tables import write_table

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


def test_a_run_writes_its_table_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n\n| a | b |\n|---|---|\n| old | |\n| older | |\n\nafter\n")
    write_table(page, ("a", "b"), [("1", "2")])
    assert page.read_text() == "before\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nafter\n"
    with pytest.raises(ValueError, match="no table with the columns c"):
        write_table(page, ("c",), [])
