"""A short run of the proof on data; the whole one is `make proof`."""

from pathlib import Path

import pytest

from tests.proof.coverage import Covered, coverage, shares
from tests.proof.designs import STRATA, cells_of, designs, members_cells_of
from tests.proof.differences import ODD, named, score
from tests.proof.grid import Seen, grouped, summary, table
from tests.proof.histories import Month, months
from tests.proof.plot import picture
from tests.proof.tails import AGAIN, Tails, allowed
from tests.proof.tails import DRAWS as DRAWS_OF_A_CELL
from tests.proof.tails_picture import picture as picture_of_tails
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


def cell(name: str, above: float, below: float, draws: int = AGAIN) -> Seen:
    return Seen(20, name, True, Tails(above, below, 0.2, 0.25, draws))


def test_a_cell_that_misses_too_often_is_named() -> None:
    found = summary([cell("good", 0.01, 0.0264), cell("bad", 0.01, 0.0266)])
    assert [one["cell"] for one in found["missing"]] == ["bad"]
    (row,) = table(found)
    assert row == ("20", "2", "1.00 %", "2.66 %", "1", "0.200", "0.250")
    assert allowed(AGAIN) < allowed(DRAWS_OF_A_CELL) < 0.03


def test_the_picture_of_tails_has_a_mark_on_each_side_and_a_dark_dress() -> None:
    drawn = picture_of_tails(grouped([cell("a", 0.01, 0.02)]), "Tails", "worst: 1 and 2 percent")
    assert drawn.count("M") == 2
    assert "prefers-color-scheme:dark" in drawn
    assert "<title" in drawn
    assert "worst: 1 and 2 percent" in drawn


def test_the_grid_has_what_it_promises() -> None:
    every = {strata: list(designs(strata)) for strata in STRATA}
    assert min(min(one.population) for found in every.values() for one in found) == 7
    assert max(max(one.population) for found in every.values() for one in found) == 2_000
    samples = [one.sample for found in every.values() for one in found]
    assert min(map(min, samples)) == 1
    for design in every[5]:
        assert all(n <= size for n, size in zip(design.sample, design.population, strict=True))
        for one in (*cells_of(design), *members_cells_of(design)):
            there = zip(one.errors, one.members, design.population, strict=True)
            assert all(errors <= members <= size for errors, members, size in there)


def test_a_run_writes_its_table_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n\n| a | b |\n|---|---|\n| old | |\n| older | |\n\nafter\n")
    write_table(page, ("a", "b"), [("1", "2")])
    assert page.read_text() == "before\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nafter\n"
    with pytest.raises(ValueError, match="no table with the columns c"):
        write_table(page, ("c",), [])
