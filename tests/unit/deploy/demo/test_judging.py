"""Invented reviewers answer what is true, but for errors of their own that are known."""

from dataclasses import replace
from datetime import date

from deploy.demo.judging import ERRORS, Judge, true_grade
from deploy.demo.reviewers import Habits, load_reviewers
from services.controlling.forms.catalogue import Criteria
from services.controlling.forms.evidence import Answer
from services.controlling.forms.questions import form_for
from services.controlling.forms.wording import Sentence
from services.controlling.reviews.asked import Sheet, sheet
from services.intake.simulation.assumptions import Gravity
from services.intake.simulation.truth import Finding, Truth
from services.intake.simulation.truth import Grade as TrueGrade
from shared.events.vocabulary import Direction, FileVerdict, Grade
from shared.law.decision_types import DecisionTypes

TYPES = DecisionTypes.load()
FORM = form_for(
    Criteria.load(TYPES),
    TYPES,
    type_code="AufenthG-18g",
    direction=Direction.ADVERSE,
    on=date(2026, 5, 4),
)
ASSUMED = load_reviewers()
PERFECT = Habits(misses=0, false_alarms=0, reweighs=0, minutes=25)
BLIND = Habits(misses=1, false_alarms=0, reweighs=0, minutes=25)
NERVOUS = Habits(misses=0, false_alarms=1, reweighs=0, minutes=25)
CONTRARY = Habits(misses=0, false_alarms=0, reweighs=1, minutes=25)


def truth(**grades: str) -> Truth:
    return Truth({
        code: Finding(TrueGrade(grade), Gravity.NOT_HEALABLE, 0.1) for code, grade in grades.items()
    })  # fmt: skip


def asked(told: dict[str, Answer] | None = None) -> Sheet:
    return sheet(FORM.questions, told or {}, {})


def grades(judge: Judge, of: Sheet | None = None) -> dict[str, str | None]:
    answers = judge.answers((of or asked()).questions)
    return {code: given.grade for code, given in answers.items()}


def judge(habits: Habits, found: Truth | None, *, settles: bool = False) -> Judge:
    return Judge((1, "decision-1", 1, "leitung-1"), habits, found, settles, ASSUMED)


WRONG = truth(V5="significant_error", S1="minor_error", F3="correct")


def test_who_makes_no_errors_says_the_truth() -> None:
    found = grades(judge(PERFECT, WRONG))
    assert (found["V5"], found["S1"], found["F3"]) == (
        Grade.SIGNIFICANT,
        Grade.MINOR,
        Grade.CORRECT,
    )
    assert found["M4"] == Grade.NOT_APPLICABLE
    assert found["on_the_file"] == found["on_the_facts"] == FileVerdict.WRONG


def test_who_sees_nothing_finds_everything_correct() -> None:
    found = grades(judge(BLIND, WRONG))
    assert ERRORS.isdisjoint(found.values())
    assert found["on_the_file"] == FileVerdict.CORRECT


def test_who_sees_errors_everywhere_finds_minor_ones() -> None:
    assert grades(judge(NERVOUS, WRONG))["F3"] == Grade.MINOR


def test_who_weighs_otherwise_takes_the_other_weight() -> None:
    found = grades(judge(CONTRARY, WRONG))
    assert (found["V5"], found["S1"]) == (Grade.MINOR, Grade.SIGNIFICANT)


def test_what_the_events_tell_nobody_overlooks() -> None:
    told = {"F2": Answer(Grade.SIGNIFICANT, next(iter(Sentence)))}
    for habits in (BLIND, NERVOUS, CONTRARY):
        assert grades(judge(habits, WRONG), asked(told))["F2"] == Grade.SIGNIFICANT


def test_every_error_and_every_verdict_but_correct_has_its_reason() -> None:
    for given in judge(NERVOUS, WRONG).answers(asked().questions).values():
        if given.grade not in {Grade.CORRECT, Grade.NOT_APPLICABLE}:
            assert given.text


def test_where_the_truth_is_unknown_nothing_is_found_but_what_is_told() -> None:
    assert ERRORS.isdisjoint(grades(judge(PERFECT, None)).values())


def test_who_settles_goes_by_the_whole_truth_though_asked_a_part() -> None:
    part = asked().only({"F3", "on_the_file"})
    found = grades(judge(PERFECT, WRONG, settles=True), part)
    assert found == {"F3": Grade.CORRECT, "on_the_file": FileVerdict.WRONG}


def test_another_decision_is_judged_by_other_chances() -> None:
    habits = PERFECT.model_copy(update={"misses": 0.5})
    several = [
        replace(judge(habits, WRONG), key=(1, f"decision-{number}", 1, "leitung-1"))
        for number in range(50)
    ]
    assert 10 < sum(grades(one)["V5"] == Grade.CORRECT for one in several) < 40


def test_the_true_answer_is_one_that_may_be_given() -> None:
    for one in asked().questions:
        assert true_grade(WRONG, one) in one.grades or one.criterion is None
