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


INTAKE, ADVIS = "urn:gleichfall:intake", "urn:de:karlsruhe:advis"


def test_repeats_are_taken_off_what_intake_counted_and_off_no_other_count() -> None:
    counted = {INTAKE: {ONE: 10}, ADVIS: {ONE: 7}}
    found = compare({ONE: 7}, counted, LATER, repeats={ONE: 3})
    assert (found.faults, found.footnotes, found.repeats) == (0, [], 3)


def test_repeats_hide_no_decision_that_its_source_counted_and_never_sent() -> None:
    counted = {INTAKE: {ONE: 10}, ADVIS: {ONE: 10}}
    found = compare({ONE: 7}, counted, LATER, repeats={ONE: 3})
    assert found.gaps == [Gap(MAY_4, "unit-1", ADVIS, 10, 7)]
    assert [one.said for one in found.findings] == [
        f"{ADVIS} counted 10, {INTAKE} counted 7, 3 sent again are left out; the frame holds 7"
    ]


def test_repeats_that_intake_did_not_count_are_no_gap() -> None:
    counted = {INTAKE: {ONE: 7}, ADVIS: {ONE: 7}}
    assert compare({ONE: 7}, counted, LATER, repeats={ONE: 3}).faults == 0


def test_what_is_missing_beyond_repeats_is_a_gap() -> None:
    found = compare({ONE: 6}, {INTAKE: {ONE: 10}}, LATER, repeats={ONE: 3})
    assert found.gaps == [Gap(MAY_4, "unit-1", INTAKE, 7, 6)]


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
