"""No figure about fewer than seven decisions is shown, or can be worked out."""

import copy
import json
import pickle
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticSerializationError, to_json

from services.controlling.statistics.errors import CountsContradict
from services.controlling.statistics.suppression import (
    MINIMUM,
    Line,
    Withheld,
    release,
    release_parts,
    suppressed,
)

SIZES = st.lists(st.lists(st.integers(0, 25), min_size=3, max_size=3), min_size=2, max_size=4)


def one_line(*parts: int) -> set[str]:
    names = tuple(f"unit-{number}" for number in range(len(parts)))
    sizes = dict(zip(names, parts, strict=True)) | {"whole": sum(parts)}
    return set(suppressed(sizes, [Line("whole", names)]))


def crossed(rows: list[list[int]]) -> tuple[dict[str, int], list[Line[str]]]:
    """Make a table of units by kinds, with the totals of both and of all."""
    height, width = range(len(rows)), range(len(rows[0]))
    sizes = {f"{r}{c}": rows[r][c] for r, c in product(height, width)}
    sizes |= {f"{r}+": sum(rows[r]) for r in height}
    sizes |= {f"+{c}": sum(row[c] for row in rows) for c in width}
    sizes["++"] = sum(map(sum, rows))
    lines = [Line(f"{r}+", tuple(f"{r}{c}" for c in width)) for r in height]
    lines += [Line(f"+{c}", tuple(f"{r}{c}" for r in height)) for c in width]
    lines += [Line("++", tuple(f"{r}+" for r in height)), Line("++", tuple(f"+{c}" for c in width))]
    return sizes, lines


def test_enough_decisions_are_shown() -> None:
    assert one_line(7, 8, 30) == set()


def test_a_small_unit_takes_the_next_smallest_with_it() -> None:
    assert one_line(3, 40, 9) == {"unit-0", "unit-2"}


def test_two_small_units_must_not_leave_a_small_rest() -> None:
    assert one_line(1, 2, 30, 9) == {"unit-0", "unit-1", "unit-3"}
    assert one_line(3, 4, 30) == {"unit-0", "unit-1"}


def test_the_only_unit_hides_the_whole() -> None:
    assert one_line(3) == {"unit-0", "whole"}


def test_a_unit_without_decisions_is_no_cover() -> None:
    assert one_line(3, 0, 20) == {"unit-0", "unit-2"}


@given(SIZES)
def test_no_small_cell_is_shown_in_a_crossed_table(rows: list[list[int]]) -> None:
    sizes, lines = crossed(rows)
    hidden = suppressed(sizes, lines)
    assert all(size == 0 or size >= MINIMUM for cell, size in sizes.items() if cell not in hidden)


@given(SIZES)
def test_no_hidden_cell_follows_from_a_line_by_subtraction(rows: list[list[int]]) -> None:
    sizes, lines = crossed(rows)
    hidden = suppressed(sizes, lines)
    for line in lines:
        unknown = [cell for cell in line.cells if cell in hidden]
        assert len(unknown) != 1
        rest = sum(sizes[part] for part in line.parts if part in hidden)
        assert line.total in hidden or rest == 0 or rest >= MINIMUM


def test_a_small_cell_of_a_crossed_table_takes_a_rectangle_with_it() -> None:
    sizes, lines = crossed([[3, 30, 30], [30, 30, 30], [30, 30, 30]])
    assert suppressed(sizes, lines) == {"00", "01", "10", "11"}


def test_parts_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(CountsContradict, match="add up to whole"):
        suppressed({"a": 1, "whole": 2}, [Line("whole", ("a",))])


SECRET = 0.7319


@pytest.mark.parametrize(
    "look",
    [str, repr, "{}".format, lambda one: json.dumps(one, default=repr), lambda one: f"{one!s}"],
)
def test_withheld_figures_show_nothing(look: Callable[[object], str]) -> None:
    assert "7319" not in look(Withheld(3, SECRET))


@pytest.mark.parametrize(
    "write", [json.dumps, pickle.dumps, copy.deepcopy, vars, dict, list, to_json, float]
)
def test_withheld_figures_can_not_be_written(write: Callable[[object], object]) -> None:
    with pytest.raises((TypeError, PydanticSerializationError)):
        write(Withheld(100, SECRET))


def test_only_release_lets_figures_out() -> None:
    assert release({"a": Withheld(7, SECRET), "b": Withheld(6, SECRET)}) == {"a": SECRET, "b": None}
    assert release_parts({"a": Withheld(7, SECRET), "b": Withheld(6, SECRET)}, 13) == {
        "a": None,
        "b": None,
    }


def test_parts_that_are_not_all_of_the_whole_are_refused() -> None:
    with pytest.raises(CountsContradict):
        release_parts({"a": Withheld(7, SECRET)}, 8)
