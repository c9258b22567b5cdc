"""No figure about fewer than seven decisions is shown, or can be worked out."""

import copy
import json
import pickle
from collections.abc import Callable, Hashable, Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticSerializationError, to_json

from services.controlling.statistics.disclosure import Parts
from services.controlling.statistics.errors import CountsContradict
from services.controlling.statistics.suppression import (
    MINIMUM,
    Withheld,
    release,
    release_parts,
    suppressed,
)
from tests.unit.services.controlling.statistics.attacker import worked_out

COUNTS = st.builds(
    lambda size, share: (round(size * share), size),
    st.sampled_from([0, 1, 2, 3, 5, 7, 8, 12, 25]),
    st.sampled_from([0, 0, 0, 0.04, 0.1, 0.3, 1]),
)
"""Errors and decisions of a part; mostly small, mostly without errors."""


def one_line(*parts: tuple[int, int]) -> dict[str, Parts]:
    about = {f"unit-{number}": counts for number, counts in enumerate(parts)}
    return {**{name: {name: counts} for name, counts in about.items()}, "whole": about}


def sizes(*parts: int) -> dict[str, Parts]:
    return one_line(*((0, size) for size in parts))


def crossed(parts: Mapping[tuple[str, ...], tuple[int, int]]) -> dict[Hashable, Parts]:
    """Make a table of all parts, of each value in any place of their names, and of all."""
    cells: dict[Hashable, dict[tuple[str, ...], tuple[int, int]]] = {}
    for name, counts in parts.items():
        for cell in (name, *enumerate(name), "whole"):
            cells.setdefault(cell, {})[name] = counts
    return dict(cells)


def of_rows(*rows: list[int]) -> dict[Hashable, Parts]:
    return crossed(
        {
            (f"unit-{r}", f"kind-{c}"): (0, size)
            for r, row in enumerate(rows)
            for c, size in enumerate(row)
        }
    )


def test_enough_decisions_are_shown() -> None:
    assert suppressed(sizes(7, 8, 30)) == set()


def test_a_small_unit_takes_the_next_smallest_with_it() -> None:
    assert suppressed(sizes(3, 40, 9)) == {"unit-0", "unit-2"}


def test_two_small_units_must_not_leave_a_small_rest() -> None:
    assert suppressed(sizes(1, 2, 30, 9)) == {"unit-0", "unit-1", "unit-3"}
    assert suppressed(sizes(3, 4, 30)) == {"unit-0", "unit-1"}


def test_the_only_unit_hides_the_whole() -> None:
    assert suppressed(sizes(3)) == {"unit-0", "whole"}


def test_a_unit_without_decisions_is_no_cover() -> None:
    assert suppressed(sizes(3, 0, 20)) == {"unit-0", "unit-2"}


def test_hidden_units_that_have_no_error_together_take_one_that_has_some_with_them() -> None:
    """Else 4 errors less 3 less 1 say that the two small ones have none."""
    assert suppressed(one_line((3, 40), (1, 9), (0, 5), (0, 5))) == {"unit-1", "unit-2", "unit-3"}
    assert suppressed(one_line((3, 40), (0, 9), (0, 5), (0, 5))) == {"unit-0", "unit-2", "unit-3"}


def test_hidden_units_in_which_all_is_wrong_take_one_with_them_in_which_it_is_not() -> None:
    assert suppressed(one_line((30, 30), (3, 9), (5, 5), (4, 4))) == {"unit-1", "unit-2", "unit-3"}


def test_one_error_among_what_is_hidden_leaves_open_whose_it_is() -> None:
    assert suppressed(one_line((3, 40), (1, 9), (1, 5), (0, 5))) == {"unit-2", "unit-3"}


@pytest.mark.parametrize("errors", [0, 1])
def test_that_nothing_or_everything_is_wrong_is_no_secret(errors: int) -> None:
    cells = one_line(*((errors * size, size) for size in (40, 9, 5, 5)))
    assert suppressed(cells) == {"unit-2", "unit-3"}


def test_kinds_that_lie_in_one_unit_alone_must_not_leave_a_small_rest() -> None:
    """Two kinds of 4 and 2 decisions, all in unit 1, are what it has beside the third kind."""
    cells = crossed(
        {
            ("unit-1", "papers"): (3, 36),
            ("unit-1", "education"): (1, 4),
            ("unit-1", "eu"): (0, 2),
            ("unit-2", "work"): (2, 30),
            ("unit-2", "family"): (1, 30),
        }
    )
    hidden = suppressed(cells)
    assert {(1, "education"), (1, "eu")} < hidden
    assert (0, "unit-1") in hidden or (1, "papers") in hidden
    assert not worked_out(cells, hidden)


def test_a_group_that_a_unit_exceeds_by_few_is_not_shown_beside_it() -> None:
    """Of 40 decisions 37 are about § 25: three are about something else."""
    parts: dict[str, tuple[int, int]] = {"§ 25": (3, 37), "§ 28 here": (0, 3), "§ 28": (9, 60)}
    unit = {name: parts[name] for name in ("§ 25", "§ 28 here")}
    cells = {"unit-1": unit, "by § 25": {"§ 25": (3, 37)}, "whole": parts}
    assert suppressed(cells) == {"by § 25"}


@settings(max_examples=25)
@given(st.lists(COUNTS, min_size=2, max_size=6))
def test_nobody_works_a_hidden_part_out(parts: list[tuple[int, int]]) -> None:
    cells = one_line(*parts)
    hidden = suppressed(cells)
    assert hidden >= {cell for cell, size in _sizes(cells).items() if 0 < size < MINIMUM}
    assert not worked_out(cells, hidden)


@settings(max_examples=25)
@given(st.data())
def test_nobody_works_a_hidden_cell_of_a_crossed_table_out(data: st.DataObject) -> None:
    names = list(product(("unit-1", "unit-2", "unit-3"), ("work", "eu", "study"), ("yes", "no")))
    there = data.draw(st.lists(st.sampled_from(names), unique=True, min_size=1, max_size=10))
    cells = crossed({name: data.draw(COUNTS) for name in there})
    hidden = suppressed(cells)
    assert hidden >= {cell for cell, size in _sizes(cells).items() if 0 < size < MINIMUM}
    assert not worked_out(cells, hidden)


@settings(max_examples=25)
@given(st.lists(st.lists(COUNTS, min_size=2, max_size=3), min_size=2, max_size=4))
def test_the_whole_is_shown_when_it_is_about_enough(rows: list[list[tuple[int, int]]]) -> None:
    cells = crossed(
        {(str(r), str(c)): counts for r, row in enumerate(rows) for c, counts in enumerate(row)}
    )
    whole = _sizes(cells)["whole"]
    assert ("whole" in suppressed(cells)) == (0 < whole < MINIMUM)


def _sizes(cells: Mapping[Any, Parts]) -> dict[Any, int]:
    return {cell: sum(size for _, size in about.values()) for cell, about in cells.items()}


def test_a_small_cell_of_a_crossed_table_takes_a_rectangle_with_it() -> None:
    hidden = suppressed(of_rows([3, 30, 30], [30, 30, 30], [30, 30, 30]))
    assert hidden == set(product(("unit-0", "unit-1"), ("kind-0", "kind-1")))


def test_figures_that_say_different_things_of_a_part_are_refused() -> None:
    with pytest.raises(CountsContradict, match="say different things of a"):
        suppressed({"a": {"a": (0, 8)}, "whole": {"a": (0, 9)}})


SECRET = 0.7319


@pytest.mark.parametrize(
    "look",
    [str, repr, "{}".format, lambda one: json.dumps(one, default=repr), lambda one: f"{one!s}"],
)
def test_withheld_figures_show_nothing(look: Callable[[object], str]) -> None:
    assert "7319" not in look(Withheld({"a": (0, 3)}, SECRET))


@pytest.mark.parametrize(
    "write", [json.dumps, pickle.dumps, copy.deepcopy, vars, dict, list, to_json, float]
)
def test_withheld_figures_can_not_be_written(write: Callable[[object], object]) -> None:
    with pytest.raises((TypeError, PydanticSerializationError)):
        write(Withheld({"a": (0, 100)}, SECRET))


def test_only_release_lets_figures_out() -> None:
    figures = {name: Withheld({name: (0, size)}, SECRET) for name, size in (("a", 7), ("b", 6))}
    assert release(figures) == {"a": SECRET, "b": None}
    assert release_parts(figures) == {"a": None, "b": None}
