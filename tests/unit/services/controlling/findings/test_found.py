"""What answers come to, and what a second signature changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.findings.found import Found, Standing, changes, found_in
from services.controlling.findings.life import State
from services.controlling.forms.criterion import Consequence
from shared.events.vocabulary import Severity
from tests.unit.services.controlling.forms.cases import CRITERIA

BY_CODE = {one.code: one for one in CRITERIA.criteria}
V1, Z1, Z2 = BY_CODE["V1"], BY_CODE["Z1"], BY_CODE["Z2"]
FORM = (Z1, Z2, V1)


@dataclass(frozen=True)
class Answer:
    grade: str
    comment: str = "why"
    detail: Mapping[str, str] = field(default_factory=dict)


def found(**answers: Answer) -> list[Found]:
    return list(found_in(answers, FORM))


def standing(number: int, one: Found) -> Standing:
    return Standing(
        number, State.RAISED, one.question, one.severity, one.effect, one.until, one.text
    )


def test_an_error_is_a_finding_with_norm_words_and_what_follows_from_it() -> None:
    [one] = found(V1=Answer("significant_error", "nicht angehört", {"until": "2027-03-01"}))
    assert (one.question, one.norm) == ("V1", "§ 28 VwVfG")
    assert one.asked.de.startswith("Wurde die betroffene Person angehört")
    assert (one.severity, one.effect) == (Severity.SIGNIFICANT, Consequence.HEALABLE)
    assert (one.until, one.text) == (date(2027, 3, 1), "nicht angehört")


@pytest.mark.parametrize("grade", ["correct", "not_applicable"])
def test_what_is_right_or_does_not_apply_is_none(grade: str) -> None:
    assert found(V1=Answer(grade)) == []


def test_a_verdict_is_none_and_the_form_gives_the_order() -> None:
    said = {
        "on_the_file": Answer("wrong"),
        "V1": Answer("minor_error"),
        "Z1": Answer("minor_error"),
    }
    assert [one.question for one in found_in(said, FORM)] == ["Z1", "V1"]


def test_where_an_error_may_do_this_or_that_the_reviewer_says_which() -> None:
    assert found(Z1=Answer("minor_error"))[0].effect is None
    chosen = found(Z1=Answer("minor_error", detail={"effect": "irrelevant", "until": "2027-01-01"}))
    assert (chosen[0].effect, chosen[0].until) == (Consequence.IRRELEVANT, None)


GRADES = st.sampled_from(["correct", "minor_error", "significant_error", "not_applicable"])
ANSWERS = st.dictionaries(
    st.sampled_from([one.code for one in FORM]),
    st.builds(Answer, GRADES, st.sampled_from(["so", "anders"])),
)


@given(st.lists(ANSWERS, min_size=1, max_size=5))
def test_however_often_it_is_signed_what_stands_is_what_was_found_last(
    signatures: list[dict[str, Answer]],
) -> None:
    stands: dict[int, Standing] = {}
    number = 0
    last: list[Found] = []
    for answers in signatures:
        last = found(**answers)
        new = changes(list(stands.values()), last)
        for gone in new.retracted:
            del stands[gone]
        for known, text in new.reworded.items():
            stands[known] = replace(stands[known], text=text)
        for one in new.raised:
            number += 1
            stands[number] = standing(number, one)
        again = changes(list(stands.values()), last)
        assert (again.retracted, again.reworded, again.raised) == ((), {}, ())
    assert {(one.question, one.severity, one.text) for one in stands.values()} == {
        (one.question, one.severity, one.text) for one in last
    }


def test_other_words_keep_the_number_and_another_weight_does_not() -> None:
    [one] = found(V1=Answer("minor_error", "Frau Yilmaz wurde nicht angehört"))
    known = [standing(7, one)]
    assert changes(known, found(V1=Answer("minor_error", "nicht angehört"))).reworded == {
        7: "nicht angehört"
    }
    heavier = changes(known, found(V1=Answer("significant_error", one.text)))
    assert (heavier.retracted, len(heavier.raised)) == ((7,), 1)
