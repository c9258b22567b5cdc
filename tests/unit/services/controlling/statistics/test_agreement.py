"""Agreement of reviewers: what it is, what it never is, and when it can't be told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.controlling.statistics.agreement import (
    Coefficient,
    Level,
    Ratings,
    ac1,
    alpha,
    cohen,
    disagreement_matrix,
    fleiss,
)
from services.controlling.statistics.errors import AgreementUndefined, TableInvalid
from tests.unit.services.controlling.calculator.vectors import stats

ANSWERS = st.sampled_from(["", "1", "2", "3"])
REVIEWS = st.lists(st.tuples(ANSWERS, ANSWERS, ANSWERS), min_size=2, max_size=12)
COEFFICIENTS: list[Callable[[Ratings], Coefficient]] = [fleiss, ac1, alpha]


def read(decisions: list[tuple[str, ...]]) -> Ratings:
    assume(any(sum(map(bool, decision)) > 1 for decision in decisions))
    assume(len({answer for decision in decisions for answer in decision if answer}) > 1)
    return Ratings.of_answers(decisions)


def told(coefficient: Callable[[Ratings], Coefficient], ratings: Ratings) -> Coefficient:
    try:
        return coefficient(ratings)
    except AgreementUndefined:
        assume(False)
        raise


@pytest.mark.parametrize("coefficient", COEFFICIENTS)
@given(decisions=REVIEWS)
def test_nobody_agrees_more_than_fully_and_the_interval_holds_the_estimate(
    coefficient: Callable[[Ratings], Coefficient], decisions: list[tuple[str, ...]]
) -> None:
    found = told(coefficient, read(decisions))
    assert found.estimate <= 1 + 1e-12
    if found.lower is not None and found.upper is not None:
        assert found.lower <= found.estimate <= found.upper + 1e-12 <= 1 + 1e-12


@pytest.mark.parametrize("coefficient", COEFFICIENTS)
@given(decisions=REVIEWS)
def test_who_reviewed_and_in_which_order_does_not_matter(
    coefficient: Callable[[Ratings], Coefficient], decisions: list[tuple[str, ...]]
) -> None:
    found = told(coefficient, read(decisions))
    turned = [decision[::-1] for decision in decisions[::-1]]
    assert told(coefficient, read(turned)).estimate == pytest.approx(found.estimate)


@pytest.mark.parametrize("coefficient", [cohen, *COEFFICIENTS])
def test_complete_agreement_is_1(coefficient: Callable[[Ratings], Coefficient]) -> None:
    ratings = Ratings.of_answers([["a", "a"], ["b", "b"], ["a", "a"]])
    assert coefficient(ratings).estimate == pytest.approx(1)


def test_ac1_stays_high_where_nearly_all_is_correct_and_kappa_does_not() -> None:
    """The reason to show both: 98 of 100 alike, no error found by both."""
    ratings = Ratings.of_table(["correct", "error"], [[98, 1], [1, 0]])
    assert ac1(ratings).estimate > 0.97
    assert cohen(ratings).estimate < 0


def test_a_decision_reviewed_once_does_not_change_alpha() -> None:
    twice = [["1", "2", ""], ["2", "2", "2"], ["1", "", "1"]]
    assert alpha(Ratings.of_answers([*twice, ["1", "", ""]])) == alpha(Ratings.of_answers(twice))


def test_near_grades_weigh_less_when_answers_are_ordered() -> None:
    near = Ratings.of_answers([["1", "2"], ["2", "2"], ["3", "3"], ["1", "1"]])
    assert alpha(near, Level.ORDINAL).estimate > alpha(near).estimate


def test_the_matrix_shows_who_says_what() -> None:
    two = Ratings.of_table(["a", "b"], [[5, 2], [1, 7]])
    assert disagreement_matrix(two) == [[5, 2], [1, 7]]
    three = Ratings.of_answers([["a", "a", "b"], ["a", "", ""]])
    assert disagreement_matrix(three) == [[1, 1], [1, 0]]


def test_one_decision_has_no_interval() -> None:
    assert fleiss(Ratings.of_answers([["a", "b"]])).lower is None


def test_what_can_not_be_told_says_why() -> None:
    with pytest.raises(AgreementUndefined, match="no decision was reviewed twice"):
        Ratings.of_answers([["a", ""], ["", "b"]])
    with pytest.raises(AgreementUndefined, match="all answers are the same"):
        ac1(Ratings.of_answers([["a", "a"]]))
    with pytest.raises(AgreementUndefined, match="exactly two reviewers"):
        cohen(Ratings.of_answers([["a", "a", "b"]]))
    with pytest.raises(AgreementUndefined, match="must be numbers"):
        Ratings.of_answers([["good", "bad"]], Level.ORDINAL)


@pytest.mark.parametrize(
    "text", ["5,2\n1,7\n", "right,wrong\n5,2\n1,7\n", ",right,wrong\nright,5,2\nwrong,1,7\n"]
)
def test_a_square_of_counts_may_have_names(tmp_path: Path, text: str) -> None:
    file = tmp_path / "table.csv"
    file.write_text(text)
    found = stats("agreement", "--table", file)
    assert found["matrix"] == [[5, 2], [1, 7]]
    assert found["categories"] in (["1", "2"], ["right", "wrong"])


def test_a_table_that_is_no_square_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("5,2\n1\n")
    with pytest.raises(TableInvalid, match="line 2: must be 2 counts"):
        stats("agreement", "--table", file)
