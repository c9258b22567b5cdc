"""V4: other authorities asked and heard before the decision."""

from datetime import date

import pytest

from services.controlling.forms.wording import Sentence
from shared.events.catalogue.case import ParticipationAnswered, ParticipationRequested
from shared.events.vocabulary import Direction, Grade
from tests.unit.services.controlling.forms.cases import Dated, decided, say

SKILLED = decided(type_code="AufenthG-18b", direction=Direction.FAVOURABLE)
"""Needs the consent of the employment agency (§ 39)."""
HINDERED = decided(type_code="AufenthG-25(3)")
"""Needs the opinion of the Federal Office (§ 72(2))."""


def asked(day: int, body: str) -> Dated:
    return date(2026, 6, day), ParticipationRequested(body=body)


def answered(day: int, body: str, *, agreed: bool | None = True) -> Dated:
    return date(2026, 6, day), ParticipationAnswered(body=body, agreed=agreed)


@pytest.mark.parametrize(
    ("facts", "grade", "sentence"),
    [
        ([], None, Sentence.PARTICIPATION_NOT_RECORDED),
        (
            [asked(1, "security"), answered(2, "security")],
            None,
            Sentence.PARTICIPATION_NOT_RECORDED,
        ),
        ([asked(1, "employment-agency")], None, Sentence.PARTICIPATION_UNANSWERED),
        (
            [asked(1, "employment-agency"), answered(2, "security")],
            None,
            Sentence.PARTICIPATION_UNANSWERED,
        ),
        (
            [asked(1, "employment-agency"), answered(17, "employment-agency")],
            Grade.CORRECT,
            Sentence.PARTICIPATION_COMPLETE,
        ),
        (
            [asked(1, "employment-agency"), answered(18, "employment-agency")],
            Grade.SIGNIFICANT,
            Sentence.PARTICIPATION_TOO_LATE,
        ),
        (
            [asked(1, "employment-agency"), answered(2, "employment-agency", agreed=False)],
            Grade.SIGNIFICANT,
            Sentence.CONSENT_REFUSED,
        ),
        (
            [asked(1, "employment-agency"), answered(2, "employment-agency", agreed=None)],
            None,
            Sentence.CONSENT_UNKNOWN,
        ),
        (
            [
                asked(1, "employment-agency"),
                answered(2, "employment-agency"),
                asked(3, "security"),
                answered(18, "security"),
            ],
            Grade.MINOR,
            Sentence.PARTICIPATION_TOO_LATE,
        ),
    ],
)
def test_a_consent_must_be_there_before_a_permit(
    facts: list[Dated], grade: Grade | None, sentence: Sentence
) -> None:
    found = say("V4", facts, SKILLED)

    assert (found.grade, found.sentence) == (grade, sentence)


def test_an_opinion_that_disagrees_binds_nobody() -> None:
    facts = [asked(1, "bamf"), answered(2, "bamf", agreed=False)]

    assert say("V4", facts, HINDERED).grade is Grade.CORRECT


def test_a_type_that_requires_nobody_isnt_correct_by_that() -> None:
    found = say("V4", [])

    assert (found.grade, found.sentence) == (None, Sentence.NO_PARTICIPATION)


def test_who_answered_last_is_shown() -> None:
    facts = [asked(1, "security"), asked(2, "bamf"), answered(3, "bamf"), answered(9, "security")]

    assert say("V4", facts).values["body"] == "security"
