"""V1: heard before the decision. 2026: Easter 5 April, Corpus Christi 4 June (a holiday in BW)."""

from datetime import date

import pytest

from services.controlling.forms.automatic import CHECKS
from services.controlling.forms.case_file import CaseFile
from services.controlling.forms.wording import Sentence
from shared.events.catalogue.case import DecisionMade, HearingAnswered, HearingSent
from shared.events.vocabulary import Grade
from tests.unit.services.controlling.forms.cases import (
    DECISION,
    LAW,
    OTHER_DECISION,
    Dated,
    criterion,
    decided,
    event,
    expulsion,
    say,
)


def sent(day: date, due: date | None = None) -> Dated:
    return day, HearingSent(due=due)


def test_a_hearing_that_was_answered_is_enough_and_shows_how_long_before() -> None:
    found = say("V1", [sent(date(2026, 5, 30)), (date(2026, 6, 8), HearingAnswered())], expulsion())

    assert (found.grade, found.sentence) == (Grade.CORRECT, Sentence.HEARD_AND_ANSWERED)
    assert found.values["before"] == date(2026, 6, 17) - date(2026, 5, 30)
    assert [(one.event_type, one.day) for one in found.evidence] == [
        ("gleichfall.hearing.sent.v1", date(2026, 5, 30)),
        ("gleichfall.hearing.answered.v1", date(2026, 6, 8)),
        ("gleichfall.decision.made.v1", date(2026, 6, 17)),
    ]


@pytest.mark.parametrize(
    ("due", "on", "grade", "sentence"),
    [
        # A deadline ends with its day.
        (date(2026, 6, 16), date(2026, 6, 17), Grade.CORRECT, Sentence.HEARD_AND_EXPIRED),
        (date(2026, 6, 17), date(2026, 6, 17), Grade.SIGNIFICANT, Sentence.HEARING_CUT_SHORT),
        (date(2026, 6, 18), date(2026, 6, 17), Grade.SIGNIFICANT, Sentence.HEARING_CUT_SHORT),
        # Saturday 13 June runs until Monday, unless the letter names the day.
        (date(2026, 6, 13), date(2026, 6, 15), None, Sentence.HEARING_ENDS_ON_DAY_OFF),
        (date(2026, 6, 13), date(2026, 6, 16), Grade.CORRECT, Sentence.HEARD_AND_EXPIRED),
        # Corpus Christi, 4 June, a Thursday: until Friday.
        (date(2026, 6, 4), date(2026, 6, 5), None, Sentence.HEARING_ENDS_ON_DAY_OFF),
        (date(2026, 6, 4), date(2026, 6, 6), Grade.CORRECT, Sentence.HEARD_AND_EXPIRED),
        # Good Friday, 3 April, until the Tuesday after Easter.
        (date(2026, 4, 3), date(2026, 4, 7), None, Sentence.HEARING_ENDS_ON_DAY_OFF),
        (date(2026, 4, 3), date(2026, 4, 8), Grade.CORRECT, Sentence.HEARD_AND_EXPIRED),
        # The authority's own closing day, Thursday 24 December, lengthens nothing.
        (date(2026, 12, 24), date(2026, 12, 25), Grade.CORRECT, Sentence.HEARD_AND_EXPIRED),
        # At the end of February.
        (date(2026, 2, 27), date(2026, 2, 28), Grade.CORRECT, Sentence.HEARD_AND_EXPIRED),
        (date(2026, 2, 28), date(2026, 3, 2), None, Sentence.HEARING_ENDS_ON_DAY_OFF),
    ],
)
def test_a_hearing_without_an_answer_must_have_run_out(
    due: date, on: date, grade: Grade | None, sentence: Sentence
) -> None:
    found = say("V1", [sent(date(2026, 1, 20), due)], expulsion(), on)

    assert (found.grade, found.sentence) == (grade, sentence)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ([], Sentence.NO_HEARING_COMPULSORY),
        ([(date(2026, 6, 1), HearingAnswered())], Sentence.NO_HEARING_COMPULSORY),
        ([sent(date(2026, 6, 1))], Sentence.HEARING_WITHOUT_DEADLINE),
    ],
)
def test_what_is_not_recorded_cant_be_told(facts: list[Dated], sentence: Sentence) -> None:
    found = say("V1", facts, expulsion())

    assert (found.grade, found.sentence) == (None, sentence)


def test_of_a_refusal_it_is_said_that_the_duty_is_disputed() -> None:
    assert say("V1", []).sentence is Sentence.NO_HEARING_DISPUTED


@pytest.mark.parametrize(
    ("made", "grade"), [(expulsion(), Grade.SIGNIFICANT), (decided(), Grade.MINOR)]
)
def test_a_hearing_after_the_decision_is_an_error(made: DecisionMade, grade: Grade) -> None:
    found = say("V1", [sent(date(2026, 6, 18))], made)

    assert (found.grade, found.sentence) == (grade, Sentence.HEARD_AFTERWARDS)


def test_a_deadline_that_had_passed_when_it_was_set_is_an_error() -> None:
    found = say("V1", [sent(date(2026, 6, 1), date(2026, 6, 1))], expulsion())

    assert (found.grade, found.sentence) == (Grade.SIGNIFICANT, Sentence.HEARING_DEADLINE_PAST)


def test_an_answer_to_an_earlier_hearing_doesnt_speak_for_the_last_one() -> None:
    facts = [
        sent(date(2026, 5, 1)),
        (date(2026, 5, 4), HearingAnswered()),
        sent(date(2026, 6, 10), date(2026, 6, 24)),
    ]

    assert say("V1", facts, expulsion()).sentence is Sentence.HEARING_CUT_SHORT


def test_a_hearing_for_another_decision_of_the_case_doesnt_count() -> None:
    hearing = event(*sent(date(2026, 5, 1))), event(date(2026, 5, 4), HearingAnswered())
    first = event(date(2026, 5, 20), expulsion(decision_id=OTHER_DECISION))
    second = event(date(2026, 6, 17), expulsion())
    heard = CHECKS["V1"].rule

    def said(decision_id: str) -> Grade | None:
        case = CaseFile.of([*hearing, first, second], decision_id, LAW.calendar)
        return heard(case, LAW, criterion("V1")).grade

    assert said(OTHER_DECISION) is Grade.CORRECT
    assert said(DECISION) is None
