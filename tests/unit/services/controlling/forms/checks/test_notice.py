"""F1, F2, F4, B1: the notice and its notification."""

from datetime import date

import pytest

from services.controlling.forms.criterion import Instruction
from services.controlling.forms.wording import Sentence
from shared.events.catalogue.case import DecisionDispatched, DecisionNotified
from shared.events.vocabulary import Grade
from tests.unit.services.controlling.forms.cases import (
    DECISION,
    OTHER_DECISION,
    Dated,
    decided,
    say,
)

OLD = Instruction(
    template="old", valid_from=date(2020, 1, 1), valid_to=date(2026, 6, 16), citation="§ 58 VwGO"
)
NEW = Instruction(template="new", valid_from=date(2026, 6, 17), citation="§ 58 VwGO")


def sent(day: date, channel: str | None = "post", decision: str = DECISION) -> Dated:
    return day, DecisionDispatched(decision_id=decision, channel=channel)


def told(day: date, decision: str = DECISION) -> Dated:
    return day, DecisionNotified(decision_id=decision, notified_on=day)


@pytest.mark.parametrize(
    ("facts", "grade", "sentence"),
    [
        ([sent(date(2026, 6, 18))], Grade.CORRECT, Sentence.SENT_ON_PAPER),
        ([sent(date(2026, 6, 18), "handed-over")], Grade.CORRECT, Sentence.SENT_ON_PAPER),
        ([sent(date(2026, 6, 18), "mailbox")], None, Sentence.SENT_OTHERWISE),
        ([sent(date(2026, 6, 18), "email")], None, Sentence.SENT_OTHERWISE),
        ([sent(date(2026, 6, 18), None)], None, Sentence.SENT_OTHERWISE),
        (
            [sent(date(2026, 6, 18), "email"), sent(date(2026, 6, 19))],
            Grade.CORRECT,
            Sentence.SENT_ON_PAPER,
        ),
        ([sent(date(2026, 6, 18), "post", OTHER_DECISION)], None, Sentence.NO_DISPATCH),
        ([], None, Sentence.NO_DISPATCH),
    ],
)
def test_only_paper_shows_written_form(
    facts: list[Dated], grade: Grade | None, sentence: Sentence
) -> None:
    found = say("F1", facts)

    assert (found.grade, found.sentence) == (grade, sentence)


@pytest.mark.parametrize(
    ("given", "grade"), [(True, Grade.CORRECT), (False, Grade.SIGNIFICANT), (None, None)]
)
def test_reasons_are_what_the_decision_records(given: bool | None, grade: Grade | None) -> None:
    assert say("F2", [], decided(reasons_given=given)).grade is grade


@pytest.mark.parametrize(
    ("template", "on", "grade", "sentence"),
    [
        ("old", date(2026, 6, 16), Grade.CORRECT, Sentence.INSTRUCTION_FITS),
        ("old", date(2026, 6, 17), Grade.MINOR, Sentence.INSTRUCTION_OUTDATED),
        ("new", date(2026, 6, 16), Grade.MINOR, Sentence.INSTRUCTION_OUTDATED),
        ("new", date(2026, 6, 17), Grade.CORRECT, Sentence.INSTRUCTION_FITS),
        ("own", date(2026, 6, 17), None, Sentence.INSTRUCTION_UNLISTED),
        (None, date(2026, 6, 17), None, Sentence.INSTRUCTION_UNKNOWN),
    ],
)
def test_the_template_must_be_that_of_the_day(
    template: str | None, on: date, grade: Grade | None, sentence: Sentence
) -> None:
    made = decided(remedy_instruction=template)
    found = say("F4", [], made, on, instructions=(OLD, NEW))

    assert (found.grade, found.sentence) == (grade, sentence)


@pytest.mark.parametrize(
    ("dispatch", "notified", "grade", "sentence"),
    [
        # LVwVfG BW: the third day, whatever day of the week that is.
        (sent(date(2026, 6, 18)), date(2026, 6, 21), Grade.CORRECT, Sentence.NOTIFIED_AS_COMPUTED),
        (sent(date(2026, 6, 18)), date(2026, 6, 20), Grade.MINOR, Sentence.NOTIFIED_TOO_EARLY),
        (sent(date(2026, 6, 18)), date(2026, 6, 22), None, Sentence.NOTIFIED_LATER),
        (sent(date(2026, 6, 29)), date(2026, 7, 2), Grade.CORRECT, Sentence.NOTIFIED_AS_COMPUTED),
        (
            sent(date(2026, 6, 18), "handed-over"),
            date(2026, 6, 18),
            Grade.CORRECT,
            Sentence.NOTIFIED_AS_COMPUTED,
        ),
        (
            sent(date(2026, 6, 18), "handed-over"),
            date(2026, 6, 17),
            Grade.MINOR,
            Sentence.NOTIFIED_TOO_EARLY,
        ),
        (
            sent(date(2026, 6, 18), "email"),
            date(2026, 6, 18),
            None,
            Sentence.NOTIFICATION_WITHOUT_RULE,
        ),
        (
            sent(date(2026, 6, 18), None),
            date(2026, 6, 21),
            None,
            Sentence.NOTIFICATION_WITHOUT_RULE,
        ),
    ],
)
def test_the_day_of_notification_is_computed_anew(
    dispatch: Dated, notified: date, grade: Grade | None, sentence: Sentence
) -> None:
    found = say("B1", [dispatch, told(notified)])

    assert (found.grade, found.sentence) == (grade, sentence)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ([], Sentence.NO_DISPATCH),
        ([told(date(2026, 6, 21))], Sentence.NO_DISPATCH),
        ([sent(date(2026, 6, 18))], Sentence.NO_NOTIFICATION),
        (
            [sent(date(2026, 6, 18)), told(date(2026, 6, 21), OTHER_DECISION)],
            Sentence.NO_NOTIFICATION,
        ),
    ],
)
def test_without_dispatch_or_notification_nothing_can_be_told(
    facts: list[Dated], sentence: Sentence
) -> None:
    found = say("B1", facts)

    assert (found.grade, found.sentence) == (None, sentence)


def test_a_notice_sent_again_is_notified_by_its_last_dispatch() -> None:
    facts = [sent(date(2026, 6, 18)), sent(date(2026, 7, 1)), told(date(2026, 7, 4))]

    assert say("B1", facts).grade is Grade.CORRECT
