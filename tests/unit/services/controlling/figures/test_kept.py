"""Figures that were kept are told as they were, and asked as they were."""

from fractions import Fraction
from pathlib import Path

from services.controlling.breakdowns.breakdowns import NOT_LISTED
from services.controlling.figures.kept import (
    Question,
    read_figures,
    read_question,
    settled,
    write_figures,
)
from services.controlling.figures.period import Asked, period_figures
from services.controlling.figures.reviews import ON_THE_FACTS, Answer, Review
from services.controlling.statistics.tables import Row
from tests.proof.histories import months

STRATA = ("work/adverse/unit-1", "work/favourable/unit-2")


def renamed(unit: str, _: str) -> str:
    return "unit-9" if unit == "unit-1" else unit


def test_figures_are_read_as_they_were_written() -> None:
    (month,) = months(3, 1)
    sample = month.sample(0)
    figures = settled(period_figures(sample, month.reviews(sample), Asked()))
    assert read_figures(write_figures(figures)) == figures


def test_a_question_is_asked_again_as_it_was_with_the_units_of_then() -> None:
    question = Question.of(Asked(by="decision_type", unit_now=renamed), ["b", "a"], STRATA)
    again = read_question(question.written)
    assert again == question
    assert again.asked.unit_now("unit-1", "work") == "unit-9"
    assert again.asked.confidence == Fraction(95, 100)
    assert again.errors == (Answer.WRONG,), "a verdict is no grade"


def test_the_same_answers_are_told_with_one_meaning_of_errors() -> None:
    usual = Question.of(Asked(), (), STRATA)
    disputed = Question.of(Asked(errors=frozenset({Answer.DISPUTABLE})), (), STRATA)
    surer = Question.of(Asked(ON_THE_FACTS, confidence=Fraction(99, 100)), (), STRATA)
    other = Question.of(Asked("F2", frozenset({Answer.MINOR})), (), STRATA)
    assert usual.contradicts(disputed)
    assert usual.contradicts(surer)
    assert not usual.contradicts(other)


def test_what_is_not_told_apart_is_one_group() -> None:
    reviews = [
        Review(name, {}, put_right=False, row=Row(Path("made"), 2, {"decision_type": name}))
        for name in ("a", "b", "")
    ]
    question = Question.of(Asked(by="decision_type"), ["a"], STRATA)
    found = [one.row.cells["decision_type"] for one in question.told_apart(reviews)]
    assert found == ["a", NOT_LISTED, ""]
