"""What is missing, where two differ, what counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.reviews.errors import AnswersMissing
from services.controlling.reviews.verdict import (
    VERDICTS,
    Answer,
    Answers,
    check_complete,
    differences,
    final,
)
from shared.events.vocabulary import FileVerdict, Grade

GRADES = st.dictionaries(
    st.sampled_from(["V1", "F2", "B1"]), st.sampled_from(list(Grade)).map(Answer), max_size=3
)
GIVEN = {verdict: Answer(FileVerdict.CORRECT) for verdict in VERDICTS}


def saying(**grades: str) -> Answers:
    return {question: Answer(grade) for question, grade in grades.items()}


def test_a_review_is_complete_with_every_question_and_both_verdicts() -> None:
    wanted = ["V1", "F2", *VERDICTS]
    check_complete({**saying(V1="correct", F2="correct"), **GIVEN}, wanted)
    with pytest.raises(AnswersMissing) as missing:
        check_complete(saying(V1="correct"), wanted)
    assert missing.value.unanswered == ("F2", *VERDICTS)


@pytest.mark.parametrize("grade", ["minor_error", "significant_error"])
def test_an_error_needs_a_comment(grade: str) -> None:
    with pytest.raises(AnswersMissing) as missing:
        check_complete({"V1": Answer(grade, " "), **GIVEN}, ["V1"])
    assert missing.value.uncommented == ("V1",)
    check_complete({"V1": Answer(grade, "not heard"), **GIVEN}, ["V1"])


def test_a_verdict_other_than_correct_needs_a_comment() -> None:
    with pytest.raises(AnswersMissing) as missing:
        check_complete({**GIVEN, **saying(on_the_file="wrong_legal_ground")}, VERDICTS)
    assert missing.value.uncommented == ("on_the_file",)


def test_a_verdict_differs_unless_it_is_the_same() -> None:
    one, other = saying(on_the_file="wrong"), saying(on_the_file="disputable")
    assert list(differences(one, other)) == ["on_the_file"]


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("correct", "not_applicable", False),
        ("correct", "minor_error", True),
        ("minor_error", "significant_error", True),
        ("significant_error", "not_applicable", True),
    ],
)
def test_a_grade_differs_where_another_error_was_found(one: str, other: str, differ: bool) -> None:
    found = list(differences(saying(V1=one), saying(V1=other)))
    assert found == (["V1"] if differ else [])


def test_missing_is_not_agreement() -> None:
    assert list(differences(saying(V1="correct"), {})) == ["V1"]


@given(GRADES, GRADES)
def test_it_makes_no_difference_who_was_first(one: Answers, other: Answers) -> None:
    assert list(differences(one, other)) == list(differences(other, one))
    assert final(one, other, None) == final(other, one, None)


@given(GRADES, GRADES, GRADES)
def test_a_third_settles_what_differs_and_nothing_else(
    one: Answers, other: Answers, third: Answers
) -> None:
    differ = set(differences(one, other))
    counts = final(one, other, third)
    if not differ <= third.keys():
        assert counts is None
        return
    assert counts is not None
    assert {question: counts[question] for question in differ} == {
        question: third[question] for question in differ
    }
    assert counts.keys() == one.keys() | other.keys()


def test_of_correct_and_not_applicable_it_applied() -> None:
    one, other = saying(V1="not_applicable"), saying(V1="correct")
    assert final(one, other, None) == other


def test_a_single_review_counts_as_it_is() -> None:
    assert final(saying(V1="minor_error"), None, None) == saying(V1="minor_error")
