"""Nobody works out of limits and the comparison of units what was found in fewer than seven."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from services.controlling.figures.cells import Cell
from services.controlling.figures.period import Row
from services.controlling.figures.reviews import ON_THE_FACTS
from services.controlling.figures.table import Key, Table
from services.controlling.figures.told import ToldConsistency, ToldRate
from services.controlling.statistics.alternatives import Errors, Figure
from services.controlling.statistics.intervals import Interval
from services.controlling.statistics.rounding import STEPS, around
from tests.proof.auditor import Auditors, Case, Result, told_in_turn
from tests.proof.invented import Found, case, otherwise
from tests.proof.worlds import Worlds

LIKE = [
    *(f"work/adverse/unit-{number}" for number in (1, 2, 3)),
    *(f"eu/favourable/unit-{number}" for number in (1, 2)),
]
"""Units decide like cases, so they are compared."""
COUNTS = some.tuples(
    some.sampled_from([1, 2, 3, 5, 7, 8]),  # reviewed
    some.sampled_from([0, 0, 0.2, 0.5, 1]),  # share of errors
    some.sampled_from([1, 2, 5, 40]),  # decisions that each review stands for
    some.sampled_from([0, 0, 0, 2]),  # drawn and not reviewed
)


def made(found: dict[str, Found], by: str | None = None) -> Case:
    return case(found, by, appeals=False)


@settings(max_examples=25)
@given(some.dictionaries(some.sampled_from(LIKE), COUNTS, min_size=2, max_size=4))
def test_nobody_works_out_a_few_decisions(found: dict[str, Found]) -> None:
    assert not Worlds([made(found)]).results()[Result.FALLS]


@settings(max_examples=10)
@given(some.dictionaries(some.sampled_from(LIKE), COUNTS, min_size=2, max_size=4))
def test_nor_on_the_facts(found: dict[str, Found]) -> None:
    assert not Worlds([made(found)], beside=ON_THE_FACTS).results()[Result.FALLS]


@settings(max_examples=10)
@given(some.dictionaries(some.sampled_from(LIKE), COUNTS, min_size=2, max_size=3))
def test_nor_with_one_output_beside_the_other(found: dict[str, Found]) -> None:
    outputs = told_in_turn([made(found), made(found, by="legal_basis")])
    assert not Worlds(outputs).results()[Result.FALLS]


@settings(max_examples=10)
@given(
    some.dictionaries(some.sampled_from(LIKE), COUNTS, min_size=2, max_size=3),
    some.lists(some.integers(0, 12), min_size=1, max_size=2, unique=True),
)
def test_nor_with_a_later_edition_beside_the_first(
    found: dict[str, Found], changed: list[int]
) -> None:
    first = made(found)
    outputs = told_in_turn([first, otherwise(first, changed)])
    assert not Worlds(outputs).results()[Result.FALLS]


def test_where_the_comparison_is_told_without_a_look_it_gives_a_few_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What no straight line finds, is found."""
    monkeypatch.setattr(Figure, "tells_apart", without(_comparison))
    found = made({LIKE[1]: (2, 0.2, 2, 0), LIKE[2]: (3, 0.5, 1, 0), LIKE[3]: (7, 0.2, 2, 0)})
    assert not Auditors([found]).results()[Result.FALLS]
    assert Worlds([found]).results()[Result.FALLS]


def test_limits_of_what_was_found_would_give_a_few_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a longer step are of the step alone, and are looked at, too."""
    monkeypatch.setattr(Table, "told", with_limits_of_what_was_found(Table.told))
    monkeypatch.setattr(Figure, "tells_apart", without(_limits))
    found = made({LIKE[3]: (3, 0, 2, 0), LIKE[4]: (7, 0, 1, 0)})
    assert not Auditors([found]).results()[Result.FALLS]
    assert Worlds([found]).results()[Result.FALLS]


def without(left_out: Callable[[Any], Any]) -> Callable[[Figure, Errors, Errors], bool]:
    """Hold what is told against other findings, but for some of it."""

    def tells_apart(figure: Figure, found: Errors, other: Errors) -> bool:
        if figure.step is None:
            return False
        one, two = (left_out(figure.told(errors, figure.step)) for errors in (found, other))
        return bool(one != two)

    return tells_apart


def _comparison(told: Any) -> Any:
    return None if isinstance(told, ToldConsistency) else told


def _limits(told: Any) -> Any:
    if not isinstance(told, Row) or told.plain is None or told.plain.estimate is None:
        return told
    return replace(told.plain, estimate=replace(told.plain.estimate, limits=Interval(0.0, 1.0)))


Tells = Callable[[Table, Cell, Mapping[Key, int], int], ToldRate]


def with_limits_of_what_was_found(told: Tells) -> Tells:
    def tell(table: Table, cell: Cell, errors: Mapping[Key, int], step: int) -> ToldRate:
        row = told(table, cell, errors, step)
        found = table._rate(cell, errors).estimate
        if row.estimate is None or found is None:
            return row
        return replace(row, estimate=replace(row.estimate, limits=around(found.limits, STEPS[0])))

    return tell
