"""A lot has a result when every decision that its plan looks at is reviewed for good."""

from pathlib import Path

import pytest

from services.controlling.figures.reviews import Answer, Review
from services.controlling.lots.lot import errors_in
from services.controlling.statistics.tables import Row

ROW = Row(Path("reviews.csv"), 2, {})


def review(decision: str, first: str, second: str = "", settled: str = "") -> Review:
    said = {"on_the_file": first, "second": second, "settled": settled}
    answers = {question: Answer(answer) for question, answer in said.items() if answer}
    return Review(decision, answers, False, ROW)


def test_errors_are_counted_in_the_sample_alone() -> None:
    reviews = [review("a", "wrong"), review("b", "correct"), review("c", "wrong")]
    assert errors_in({"north": ["a", "b"]}, reviews) == {"north": 1}


def test_a_sample_that_isnt_reviewed_whole_waits() -> None:
    assert errors_in({"north": ["a", "b"], "south": ["a"]}, [review("a", "wrong")]) == {"south": 1}


@pytest.mark.parametrize(
    ("said", "errors"),
    [
        (("wrong", "wrong"), {"north": 1}),
        (("wrong", "correct", "correct"), {"north": 0}),
        (("correct", "wrong", "wrong"), {"north": 1}),
        (("wrong", "correct"), {}),
    ],
)
def test_of_two_reviewers_counts_what_they_came_to(
    said: tuple[str, ...], errors: dict[str, int]
) -> None:
    assert errors_in({"north": ["a"]}, [review("a", *said)]) == errors


def test_what_is_disputable_is_no_error() -> None:
    reviews = [review("a", "disputable"), review("b", "wrong_legal_ground")]
    assert errors_in({"north": ["a", "b"]}, reviews) == {"north": 0}
