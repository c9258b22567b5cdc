"""The assumptions about reviewers fit the people, the questions and what may be written."""

from datetime import date

from deploy.demo.people import people
from deploy.demo.reviewers import Fate, load_reviewers
from services.controlling.accounts.account import Role
from services.controlling.forms.catalogue import Criteria
from services.controlling.practice.free_text import suspicions
from shared.law.decision_types import DecisionTypes

ASSUMED = load_reviewers()


def test_who_has_habits_reviews() -> None:
    reviewers = {one.login for one in people() if one.role is Role.LEADERSHIP}
    assert ASSUMED.people.keys() | {ASSUMED.host.login} <= reviewers


def test_every_question_that_has_texts_is_asked() -> None:
    codes = {one.code for one in Criteria.load(DecisionTypes.load()).criteria}
    assert ASSUMED.comments.keys() <= codes


def test_every_text_is_a_whole_sentence_without_personal_data() -> None:
    says = ASSUMED.replies
    texts = [ASSUMED.other, ASSUMED.conflicts, ASSUMED.reopenings, ASSUMED.holds, ASSUMED.dropped]
    replies = [says.disputes, says.withdrawals, says.upholds]
    for every in (*texts, *replies, *ASSUMED.comments.values(), *ASSUMED.verdicts.values()):
        for text in every:
            assert text[0].isupper()
            assert text.endswith(".")
            assert suspicions(text, date(2026, 11, 29)) == ()


def test_what_two_differ_on_is_never_declined_or_reopened() -> None:
    assert ASSUMED.settlements.keys() == {Fate.SIGNED, Fate.ASSIGNED, Fate.IN_REVIEW}
