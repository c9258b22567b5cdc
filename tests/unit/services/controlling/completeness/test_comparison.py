"""What is missing from the frame is told as a footnote; what nobody counted is told apart."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.controlling.completeness.comparison import Cell, Gap, compare

MAY_4, MAY_11 = "2026-W19", "2026-W20"
LATER = date(2026, 6, 1)
ONE, OTHER = Cell(MAY_4, "unit-1"), Cell(MAY_11, "unit-2")


def test_a_frame_that_holds_what_was_counted_has_no_footnote() -> None:
    found = compare({ONE: 5, OTHER: 3}, {"intake": {ONE: 5, OTHER: 3}}, LATER)
    assert (found.decisions, found.footnotes) == (8, [])


def test_a_missing_decision_is_told_by_unit_and_week() -> None:
    found = compare({ONE: 4}, {"intake": {ONE: 5}}, LATER)
    assert found.gaps == [Gap(MAY_4, "unit-1", "intake", 5, 4)]
    assert found.footnotes == [
        "unit-1, 2026-W19: 1 decision counted by intake is missing from the frame"
    ]


def test_a_week_the_frame_knows_nothing_of_is_a_gap() -> None:
    assert compare({}, {"advis": {OTHER: 7}}, LATER).gaps == [Gap(MAY_11, "unit-2", "advis", 7, 0)]


def test_more_decisions_than_were_counted_are_a_gap_too() -> None:
    [note] = compare({ONE: 6}, {"advis": {ONE: 5}}, LATER).footnotes
    assert note.endswith("1 decision in the frame is not counted by advis")


def test_each_counter_is_compared_by_itself() -> None:
    found = compare({ONE: 5}, {"intake": {ONE: 5}, "advis": {ONE: 7}}, LATER)
    assert [gap.counted_by for gap in found.gaps] == ["advis"]


def test_what_a_counter_left_out_is_no_gap_and_is_told() -> None:
    found = compare({ONE: 5, OTHER: 3}, {"advis": {ONE: 5}}, LATER)
    assert (found.gaps, found.uncounted) == ([], {"advis": [OTHER]})
    assert found.footnotes == ["advis counted nothing for 1 weeks of units"]


def test_a_week_that_is_not_over_is_told_as_running_and_is_no_gap() -> None:
    in_the_week = date(2026, 5, 6)
    found = compare({ONE: 4}, {"intake": {ONE: 5, OTHER: 1}}, in_the_week)
    assert found.running == [Gap(MAY_4, "unit-1", "intake", 5, 4)]
    assert found.gaps == [Gap(MAY_11, "unit-2", "intake", 1, 0)]
    assert found.footnotes[1].endswith("is missing from the frame; the week is running")


def test_when_nobody_counts_that_is_the_footnote() -> None:
    [note] = compare({ONE: 5}, {}, LATER).footnotes
    assert note.startswith("nobody else counted")


cells = st.dictionaries(
    st.builds(Cell, st.sampled_from([MAY_4, MAY_11]), st.sampled_from("abc")),
    st.integers(0, 9),
)


@given(cells, cells)
def test_there_is_a_gap_exactly_where_a_count_differs(
    held: dict[Cell, int], counted: dict[Cell, int]
) -> None:
    gaps = compare(held, {"intake": counted}, LATER).gaps
    differing = {cell for cell in counted if counted[cell] != held.get(cell, 0)}
    assert {Cell(gap.week, gap.unit) for gap in gaps} == differing
