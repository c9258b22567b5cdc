"""A selection chooses lines of the released table; it never makes one."""

from itertools import product

import pytest

from services.controlling.figures.cells import WHOLE, Cell, Kind, cells_of
from services.controlling.figures.period import HIDDEN, PeriodFigures
from services.controlling.figures.unanswered import Completion
from services.controlling.results.selection import Selection

KEYS = [
    f"{group}/{direction}/{unit}"
    for group, direction, unit in product(
        ("work", "family"), ("adverse", "favourable"), ("unit-1", "unit-2")
    )
] + ["work/adverse/unit-3"]
FIGURES = PeriodFigures(
    {cell: HIDDEN for key in KEYS for cell in cells_of(key)}, None, None, (), Completion(9, 9)
)


def names(selection: Selection) -> list[tuple[Kind, str]]:
    return [tuple(cell) for cell, _ in selection.lines(FIGURES)]  # type: ignore[misc]


def test_everything_is_an_overview_without_strata() -> None:
    found = names(Selection())
    assert found[0] == (Kind.WHOLE, "")
    assert {kind for kind, _ in found} == {Kind.WHOLE, Kind.UNIT, Kind.GROUP, Kind.DIRECTION}
    assert Selection().focus(FIGURES) == WHOLE


@pytest.mark.parametrize(
    ("selection", "focus", "strata"),
    [
        (Selection(unit="unit-1"), Cell(Kind.UNIT, "unit-1"), 4),
        (Selection(direction="adverse"), Cell(Kind.DIRECTION, "adverse"), 5),
        (Selection("unit-1", "adverse"), None, 2),
        (Selection("unit-3", "adverse"), Cell(Kind.STRATUM, "work/adverse/unit-3"), 1),
        (Selection("unit-3", "favourable"), None, 0),
        (Selection(unit="unit-9"), Cell(Kind.UNIT, "unit-9"), 0),
    ],
)
def test_a_choice_shows_its_own_line_and_the_strata_in_it(
    selection: Selection, focus: Cell | None, strata: int
) -> None:
    found = names(selection)
    assert selection.focus(FIGURES) == focus
    assert sum(kind is Kind.STRATUM for kind, _ in found) == strata
    assert all(kind is Kind.STRATUM or Cell(kind, name) == focus for kind, name in found)
