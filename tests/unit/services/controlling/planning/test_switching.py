"""Inspection follows the results: two failures tighten, patience relaxes."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.planning.acceptance import Inspection
from services.controlling.planning.switching import Lot, Result, State, states
from services.controlling.statistics.errors import TableInvalid
from tests.unit.services.controlling.calculator.vectors import stats

ACCEPTED, FAILED = Lot(Result.ACCEPTED), Lot(Result.NOT_ACCEPTED)
GOOD = Lot(Result.ACCEPTED, may_reduce=True)


def after(lots: list[Lot], start: Inspection = Inspection.NORMAL) -> State:
    return list(states(lots, start))[-1]


@pytest.mark.parametrize("between", [0, 1, 2, 3])
def test_two_failures_among_five_tighten(between: int) -> None:
    lots = [FAILED, *[ACCEPTED] * between, FAILED]
    assert after(lots).inspection is Inspection.TIGHTENED


def test_failures_further_apart_do_not() -> None:
    assert after([FAILED, *[ACCEPTED] * 4, FAILED]).inspection is Inspection.NORMAL


def test_five_accepted_in_a_row_relax_and_nothing_less() -> None:
    four = [ACCEPTED] * 4
    assert after([*four, FAILED, *four], Inspection.TIGHTENED).inspection is Inspection.TIGHTENED
    assert after([*four, ACCEPTED], Inspection.TIGHTENED).inspection is Inspection.NORMAL


def test_five_failures_under_tightened_inspection_stop_for_good() -> None:
    lots = [ACCEPTED, FAILED] * 5
    assert after(lots, Inspection.TIGHTENED).stopped
    assert after([*lots, *[ACCEPTED] * 20], Inspection.TIGHTENED).stopped


def test_ten_accepted_reduce_when_leadership_may_and_wants() -> None:
    assert after([ACCEPTED] * 9 + [GOOD]).inspection is Inspection.REDUCED
    assert after([ACCEPTED] * 8 + [GOOD]).inspection is Inspection.NORMAL
    assert after([ACCEPTED] * 30).inspection is Inspection.NORMAL
    irregular = Lot(Result.ACCEPTED, may_reduce=True, steady=False)
    assert after([ACCEPTED] * 9 + [irregular]).inspection is Inspection.NORMAL


@pytest.mark.parametrize(
    "lot", [FAILED, Lot(Result.GAP), Lot(Result.ACCEPTED, steady=False)], ids=["R", "G", "unsteady"]
)
def test_any_doubt_ends_reduced_inspection(lot: Lot) -> None:
    assert after([ACCEPTED, lot], Inspection.REDUCED) == State(Inspection.NORMAL)
    assert after([ACCEPTED] * 3, Inspection.REDUCED).inspection is Inspection.REDUCED


@given(st.lists(st.sampled_from([ACCEPTED, FAILED, GOOD]), min_size=1, max_size=60))
def test_results_come_one_by_one_or_together(lots: list[Lot]) -> None:
    one_by_one = State()
    for lot in lots:
        one_by_one = one_by_one.after(lot)
    assert after(lots) == one_by_one


@given(st.lists(st.sampled_from([ACCEPTED, FAILED, GOOD]), min_size=1, max_size=60))
def test_the_way_from_tightened_to_reduced_leads_over_normal(lots: list[Lot]) -> None:
    seen = [Inspection.NORMAL, *(state.inspection for state in states(lots))]
    for before, then in pairwise(seen):
        assert {before, then} != {Inspection.TIGHTENED, Inspection.REDUCED}


def test_a_file_says_who_may_reduce(tmp_path: Path) -> None:
    file = tmp_path / "lots.csv"
    file.write_text("period,result,may_reduce,steady\n" + "1,A,yes,yes\n" * 10 + "2,G,no,yes\n")
    assert stats("switching", file)["states"][-2:] == ["reduced", "normal"]
    file.write_text("result\nX\n")
    with pytest.raises(TableInvalid, match="line 2: result: must be A, G, R or -"):
        stats("switching", file)
