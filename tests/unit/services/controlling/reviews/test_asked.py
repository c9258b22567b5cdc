"""What is answered, by whom, and what is missing before somebody can sign."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from services.controlling.forms.criterion import AnsweredBy
from services.controlling.forms.evidence import Answer
from services.controlling.forms.wording import Sentence
from services.controlling.reviews.asked import Asked, Sheet, sheet
from services.controlling.reviews.form.progress import progress
from services.controlling.reviews.verdict import VERDICTS
from shared.events.vocabulary import Grade
from tests.unit.services.controlling.forms.cases import CRITERIA

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
AUTO = next(one for one in CRITERIA.criteria if one.answered_by is AnsweredBy.AUTO)
BOTH = next(one for one in CRITERIA.criteria if one.answered_by is AnsweredBy.BOTH)
HUMAN = next(one for one in CRITERIA.criteria if one.answered_by is AnsweredBy.HUMAN)
RIGHT = Answer(Grade.CORRECT, Sentence.HEARD_AND_ANSWERED)
UNTOLD = Answer(None, Sentence.NO_HEARING_COMPULSORY)


@dataclass(frozen=True)
class Kept:
    grade: str | None
    comment: str = ""
    version: int = 1
    origin: str = "human"
    by_another: bool = False
    saved_at: datetime = NOON
    detail: Mapping[str, object] = field(default_factory=dict)


def asked(told: Answer | None = None, kept: Kept | None = None, criterion: object = AUTO) -> Asked:
    assert criterion is AUTO or criterion is BOTH or criterion is HUMAN
    found = sheet(
        [criterion], {criterion.code: told} if told else {}, {criterion.code: kept} if kept else {}
    )
    return found.questions[0]


@pytest.mark.parametrize(
    ("one", "grade", "answered"),
    [
        (asked(RIGHT), "correct", True),
        (asked(UNTOLD), None, False),
        (asked(), None, False),
        (asked(RIGHT, criterion=BOTH), None, False),
        (asked(RIGHT, Kept("correct"), BOTH), "correct", True),
        (asked(None, Kept("correct"), HUMAN), "correct", True),
        (asked(None, Kept("not_applicable"), HUMAN), "not_applicable", True),
        (asked(None, Kept("minor_error"), HUMAN), "minor_error", False),
        (asked(None, Kept("minor_error", " \n "), HUMAN), "minor_error", False),
        (asked(None, Kept("minor_error", "why"), HUMAN), "minor_error", True),
        (asked(None, Kept(None, "only words"), HUMAN), None, False),
        (asked(RIGHT, Kept("significant_error", "why")), "significant_error", True),
        (asked(RIGHT, Kept("not_applicable")), "not_applicable", False),
        (asked(RIGHT, Kept("not_applicable", "why")), "not_applicable", True),
        (asked(None, Kept("correct", by_another=True), HUMAN), None, False),
        (asked(UNTOLD, Kept("correct", origin="auto")), None, False),
    ],
)
def test_an_answer_counts_when_it_is_given_and_explained(
    one: Asked, grade: str | None, *, answered: bool
) -> None:
    assert (one.grade, one.answered) == (grade, answered)


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (asked(RIGHT, criterion=BOTH), Grade.CORRECT),
        (asked(UNTOLD, criterion=BOTH), None),
        (asked(RIGHT, Kept("minor_error", "why"), BOTH), None),
        (asked(RIGHT, Kept("correct", by_another=True), BOTH), Grade.CORRECT),
        (asked(RIGHT, criterion=AUTO), None),
        (asked(None, criterion=HUMAN), None),
    ],
)
def test_what_was_found_waits_for_a_person_only_where_one_has_to_confirm_it(
    one: Asked, found: Grade | None
) -> None:
    assert one.found == found


def test_the_next_answer_is_based_on_whatever_was_kept_last() -> None:
    assert asked().version == 0
    assert asked(RIGHT, Kept("correct", origin="auto", version=2)).version == 2
    assert asked(None, Kept("correct", by_another=True, version=3), HUMAN).version == 3


@pytest.mark.parametrize(
    ("kept", "new"),
    [
        (None, True),
        (Kept("correct", origin="auto"), False),
        (Kept("minor_error", origin="auto"), True),
        (Kept("correct", origin="auto", by_another=True), True),
    ],
)
def test_what_the_events_say_is_kept_again_only_when_it_changed(
    kept: Kept | None, *, new: bool
) -> None:
    one = asked(RIGHT, kept)
    assert (one.by_itself, one.told_is_new) == (True, new)


def whole(**kept: Kept) -> Sheet:
    return sheet([AUTO, BOTH, HUMAN], {AUTO.code: RIGHT, BOTH.code: RIGHT}, kept)


def test_both_verdicts_stand_at_the_end() -> None:
    assert [one.code for one in whole().questions] == [AUTO.code, BOTH.code, HUMAN.code, *VERDICTS]


def test_it_is_complete_when_nothing_is_missing() -> None:
    found = whole()
    assert found.missing == (BOTH.code, HUMAN.code, *VERDICTS)
    kept = {code: Kept("correct") for code in found.missing}
    assert whole(**kept).complete
    kept[VERDICTS[1]] = Kept("wrong")
    assert whole(**kept).missing == (VERDICTS[1],)


def test_progress_tells_how_much_is_left() -> None:
    begun = progress(whole())
    assert (begun.answered, begun.total, begun.saved_at, begun.left) == (1, 5, None, 4)
    later = NOON + timedelta(minutes=5)
    kept = {code: Kept("correct") for code in whole().missing}
    done = progress(whole(**kept | {HUMAN.code: Kept("correct", saved_at=later)}))
    assert (done.answered, done.saved_at, done.left) == (5, later, 0)
