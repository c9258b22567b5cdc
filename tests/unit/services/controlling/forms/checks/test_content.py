"""M1, N2, N3: what the decision records of its content."""

from datetime import date
from typing import Any

import pytest

from services.controlling.forms.wording import Sentence
from shared.events.catalogue.case import DecisionNotified
from shared.events.vocabulary import Grade
from tests.unit.services.controlling.forms.cases import DECISION, Dated, decided, expulsion, say

DISCRETIONARY = "AufenthG-25(5)"


def ordered(type_code: str, value: Any) -> dict[str, Any]:
    features = {} if value is None else {"given": value}
    return {"type_code": type_code, "features": features}


@pytest.mark.parametrize(
    ("exercised", "grade", "sentence"),
    [
        (True, Grade.CORRECT, Sentence.DISCRETION_EXERCISED),
        (False, Grade.SIGNIFICANT, Sentence.DISCRETION_NOT_EXERCISED),
        (None, None, Sentence.DISCRETION_UNKNOWN),
    ],
)
def test_typical_discretion_must_be_recorded_as_exercised(
    exercised: bool | None,
    grade: Grade | None,
    sentence: Sentence,
) -> None:
    made = decided(type_code=DISCRETIONARY, discretion_exercised=exercised)
    found = say("M1", [], made)

    assert (found.grade, found.sentence) == (grade, sentence)


def test_where_discretion_isnt_typical_nothing_is_flagged() -> None:
    assert say("M1", [], decided(discretion_exercised=False)).grade is None


def notified(day: date) -> list[Dated]:
    return [(day, DecisionNotified(decision_id=DECISION, notified_on=day))]


@pytest.mark.parametrize(
    ("days", "grade"),
    [
        (6, Grade.SIGNIFICANT),
        (7, Grade.CORRECT),
        (30, Grade.CORRECT),
        (31, Grade.MINOR),
        (None, None),
        (0, None),
        (True, None),
        ("30", None),
    ],
)
def test_seven_to_thirty_days_to_leave(days: Any, grade: Grade | None) -> None:
    made = decided(**ordered("AufenthG-59", days))

    assert say("N2", [], made, feature="given").grade is grade


@pytest.mark.parametrize(
    ("on", "days", "grade"),
    [
        (date(2026, 2, 1), 27, Grade.SIGNIFICANT),  # February has 28 days
        (date(2026, 2, 1), 28, Grade.CORRECT),
        (date(2026, 7, 1), 30, Grade.SIGNIFICANT),  # July has 31
        (date(2026, 7, 1), 31, Grade.CORRECT),
        (date(2026, 1, 31), 28, Grade.CORRECT),  # ends on 28 February (§ 188(3) BGB)
        (date(2026, 1, 31), 27, Grade.SIGNIFICANT),
        (None, 27, Grade.SIGNIFICANT),
        (None, 28, None),
        (None, 30, None),
        (None, 31, Grade.CORRECT),
        (None, 90, Grade.CORRECT),
    ],
)
def test_a_citizen_of_the_union_has_a_month_from_notification(
    on: date | None, days: int, grade: Grade | None
) -> None:
    made = decided(**ordered("FreizuegG/EU-7", days))
    facts = [] if on is None else notified(on)

    found = say("N2", facts, made, date(2026, 1, 20), feature="given")

    assert found.grade is grade


def test_without_a_feature_that_records_it_the_time_cant_be_told() -> None:
    made = decided(**ordered("AufenthG-59", 14))

    assert say("N2", [], made, feature=None).sentence is Sentence.DEPARTURE_UNKNOWN


def test_a_type_without_a_limit_cant_be_told() -> None:
    assert say("N2", [], decided(**ordered("AufenthG-18g", 14)), feature="given").grade is None


@pytest.mark.parametrize(
    ("value", "grade", "sentence"),
    [
        (True, Grade.CORRECT, Sentence.BAN_LIMITED),
        (False, Grade.SIGNIFICANT, Sentence.BAN_NOT_LIMITED),
        (60, Grade.CORRECT, Sentence.BAN_LIMITED_MONTHS),
        (61, None, Sentence.BAN_LONGER_THAN_USUAL),
        (0, None, Sentence.BAN_UNKNOWN),
        (None, None, Sentence.BAN_UNKNOWN),
    ],
)
def test_a_ban_must_be_limited(value: Any, grade: Grade | None, sentence: Sentence) -> None:
    features = {} if value is None else {"given": value}
    found = say("N3", [], expulsion(features=features), feature="given")

    assert (found.grade, found.sentence) == (grade, sentence)


def test_before_there_was_a_limit_in_the_table_months_cant_be_told() -> None:
    made = expulsion(features={"given": 12})

    assert say("N3", [], made, date(2015, 7, 31), feature="given").grade is None
