"""An answer as a form sends it."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from services.controlling.reviews.asked import sheet
from services.controlling.reviews.form.given import LONGEST, Given, warned
from tests.unit.services.controlling.reviews.test_asked import HUMAN, Kept


def test_what_is_left_empty_is_not_said() -> None:
    given = Given.model_validate(
        {
            "grade": "",
            "comment": " a\r\nb ",
            "effect": "",
            "until": "",
            "remedy": "",
            "based_on": "0",
        }
    )
    assert (given.grade, given.text, given.detail) == (None, "a\nb", {})


def test_what_an_error_does_is_kept_beside_it() -> None:
    given = Given.model_validate(
        {
            "grade": "minor_error",
            "effect": "healable",
            "until": "2027-01-31",
            "remedy": "training",
            "based_on": "3",
        }
    )
    assert given.detail == {"effect": "healable", "until": "2027-01-31", "remedy": "training"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"comment": "x" * (LONGEST + 1)},
        {"based_on": "-1"},
        {"until": "tomorrow"},
        {"remedy": "dismissal"},
        {"effect": "forgotten"},
    ],
)
def test_what_no_form_of_ours_sends_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Given.model_validate({"based_on": "0"} | wrong)


@pytest.mark.parametrize(("grade", "fits"), [("correct", True), (None, True), ("wrong", False)])
def test_an_answer_is_one_of_those_that_are_asked_for(grade: str | None, *, fits: bool) -> None:
    one = sheet([HUMAN], {}, {}).questions[0]
    assert Given(grade=grade, based_on=0).answers(one) is fits
    assert not Given(grade=grade, based_on=0).answers(None)


def test_only_comments_that_look_like_persons_are_warned_of() -> None:
    kept = {HUMAN.code: Kept("minor_error", "Herr Yilmaz"), "on_the_file": Kept("wrong", "unklar")}
    assert list(warned(sheet([HUMAN], {}, kept), date(2026, 12, 1))) == [HUMAN.code]
