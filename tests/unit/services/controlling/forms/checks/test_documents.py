"""V2: missing documents named, with a deadline that was waited for."""

from datetime import date

import pytest

from services.controlling.forms.wording import Sentence
from shared.events.catalogue.case import (
    ApplicationAcknowledged,
    DocumentsReceived,
    DocumentsRequested,
)
from shared.events.vocabulary import Direction, Grade
from tests.unit.services.controlling.forms.cases import Dated, decided, say

EARLY = date(2026, 4, 1)


def asked(day: date, due: date | None) -> Dated:
    return day, DocumentsRequested(items=("passport",), due=due)


@pytest.mark.parametrize(
    ("facts", "grade", "sentence"),
    [
        ([asked(EARLY, date(2026, 6, 16))], Grade.CORRECT, Sentence.DOCUMENTS_WITH_DEADLINE),
        ([asked(EARLY, date(2026, 6, 17))], Grade.SIGNIFICANT, Sentence.DOCUMENTS_CUT_SHORT),
        (
            [asked(EARLY, date(2026, 6, 17)), (date(2026, 6, 10), DocumentsReceived())],
            Grade.CORRECT,
            Sentence.DOCUMENTS_WITH_DEADLINE,
        ),
        (
            [(date(2026, 3, 1), DocumentsReceived()), asked(EARLY, date(2026, 6, 17))],
            Grade.SIGNIFICANT,
            Sentence.DOCUMENTS_CUT_SHORT,
        ),
        ([asked(EARLY, EARLY)], Grade.SIGNIFICANT, Sentence.DOCUMENTS_DEADLINE_PAST),
        ([asked(EARLY, None)], None, Sentence.DOCUMENTS_WITHOUT_DEADLINE),
        (
            [asked(EARLY, date(2026, 5, 4)), asked(date(2026, 5, 10), None)],
            None,
            Sentence.DOCUMENTS_WITHOUT_DEADLINE,
        ),
        (
            [asked(EARLY, None), asked(date(2026, 5, 10), date(2026, 6, 30))],
            Grade.SIGNIFICANT,
            Sentence.DOCUMENTS_CUT_SHORT,
        ),
        ([], None, Sentence.NO_DOCUMENTS_REQUESTED),
        (
            [(EARLY, ApplicationAcknowledged(complete=False))],
            None,
            Sentence.NO_DOCUMENTS_REQUESTED,
        ),
        ([(EARLY, ApplicationAcknowledged())], None, Sentence.NO_DOCUMENTS_REQUESTED),
        (
            [(EARLY, ApplicationAcknowledged(complete=True))],
            Grade.NOT_APPLICABLE,
            Sentence.DOCUMENTS_COMPLETE,
        ),
    ],
)
def test_of_a_refusal(facts: list[Dated], grade: Grade | None, sentence: Sentence) -> None:
    found = say("V2", facts)

    assert (found.grade, found.sentence) == (grade, sentence)


def test_a_deadline_on_a_sunday_may_have_run_until_monday() -> None:
    facts = [asked(EARLY, date(2026, 6, 14))]

    assert say("V2", facts, on=date(2026, 6, 15)).sentence is Sentence.DOCUMENTS_END_ON_DAY_OFF
    assert say("V2", facts, on=date(2026, 6, 16)).grade is Grade.CORRECT


def test_who_gets_what_was_asked_for_needs_no_deadline_to_run_out() -> None:
    made = decided(direction=Direction.FAVOURABLE)

    assert say("V2", [asked(EARLY, date(2026, 7, 1))], made).grade is Grade.CORRECT
