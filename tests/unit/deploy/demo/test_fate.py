"""Fates follow from the seed alone, lie in the past, and leave a visitor something to do."""

from collections import Counter
from datetime import date

import pytest

from deploy.demo.fate import THIRD, UNDONE, Oracle
from deploy.demo.reviewers import Fate, load_reviewers
from services.controlling.practice.time_limit import REVIEW
from shared.configuration.places import ORGANISATION
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation

TODAY = date(2026, 11, 29)
CALENDAR = Calendar.of(load_organisation(ORGANISATION))
ASSUMED = load_reviewers()
DECISIONS = [f"decision-{number}" for number in range(400)]
SHARES = {"leitung-1": 1.0, "leitung-2": 1.0, "leitung-3": 0.5}


def oracle(seed: int = 1, today: date = TODAY) -> Oracle:
    return Oracle.of(seed, ASSUMED, CALENDAR, today)


def test_the_same_seed_tells_the_same_and_another_one_something_else() -> None:
    told = [oracle().lot(one, 1) for one in DECISIONS]
    assert told == [oracle().lot(one, 1) for one in DECISIONS]
    assert told != [oracle(seed=2).lot(one, 1) for one in DECISIONS]


def test_another_day_changes_no_fate() -> None:
    tomorrow = oracle(today=date(2026, 12, 1))
    assert [oracle().lot(one, 1).fate for one in DECISIONS] == [
        tomorrow.lot(one, 1).fate for one in DECISIONS
    ]


@pytest.mark.parametrize("number", [1, 2, THIRD])
def test_everything_happened_on_working_days_before_today(number: int) -> None:
    for one in DECISIONS:
        day = CALENDAR.day_of(oracle().lot(one, number).begins)
        assert day < TODAY
        assert CALENDAR.is_working_day(day)


def test_two_differ_before_somebody_settles_it() -> None:
    settled = Counter[bool]()
    for one in DECISIONS:
        first, second, third = (oracle().lot(one, number) for number in (1, 2, THIRD))
        if third.fate is not Fate.WAITING and not {first.fate, second.fate} & UNDONE:
            settled[first.begins < second.begins < third.begins] += 1
    assert settled.keys() == {True}


def test_who_quarrels_has_signed_so_long_ago_that_what_nobody_settled_is_overdue() -> None:
    quarrels = [one for one in DECISIONS if oracle().quarrels(one)]
    assert 100 < len(quarrels) < 180
    for one in quarrels:
        second = oracle().lot(one, 2)
        signed = CALENDAR.day_of(second.begins)
        assert second.fate is Fate.SIGNED
        assert CALENDAR.add_working_days(signed, REVIEW) < TODAY


def test_most_reviews_are_signed_and_every_fate_occurs() -> None:
    fates = Counter(oracle().lot(one, 1).fate for one in DECISIONS)
    assert fates.keys() == set(Fate)
    assert fates[Fate.SIGNED] > len(DECISIONS) / 2


def test_both_reviews_of_a_decision_mostly_share_their_fate() -> None:
    same = sum(oracle().lot(one, 1).fate is oracle().lot(one, 2).fate for one in DECISIONS)
    assert len(DECISIONS) * 0.7 < same < len(DECISIONS)


def test_the_host_has_more_of_what_isnt_done_and_nobody_more_than_their_share_else() -> None:
    undone = Counter(oracle().holder(one, 1, SHARES, Fate.COMPLETE) for one in DECISIONS)
    done = Counter(oracle().holder(one, 1, SHARES, Fate.SIGNED) for one in DECISIONS)
    assert undone["leitung-1"] > undone["leitung-2"] + undone["leitung-3"]
    assert done["leitung-1"] < len(DECISIONS) / 2
    assert done["leitung-3"] < done["leitung-2"]


def test_what_the_host_may_not_review_somebody_else_gets() -> None:
    able = {"leitung-2": 1.0}
    assert {oracle().holder(one, 1, able, Fate.ASSIGNED) for one in DECISIONS} == {"leitung-2"}
