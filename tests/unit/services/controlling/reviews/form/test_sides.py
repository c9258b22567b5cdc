"""Two cases side by side: the same place for the same thing, and what differs is told."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import pytest

from services.controlling.forms.case_file import CaseFile
from services.controlling.forms.criterion import AnsweredBy
from services.controlling.reviews.asked import sheet
from services.controlling.reviews.form.opened import Opened, Reviewed
from services.controlling.reviews.form.sides import (
    Side,
    facts,
    next_open,
    questions,
    side_by_side,
    steps,
)
from services.controlling.reviews.form.time_line import Step, time_line
from services.controlling.reviews.life import State
from services.controlling.reviews.verdict import VERDICTS
from shared.events.catalogue.case import DecisionDispatched, HearingSent
from shared.events.vocabulary import Direction
from tests.unit.services.controlling.forms.cases import (
    CRITERIA,
    DECISION,
    LAW,
    Dated,
    decided,
    events,
)
from tests.unit.services.controlling.reviews.test_asked import Kept

FIRST, SECOND, THIRD = [one for one in CRITERIA.criteria if one.answered_by is AnsweredBy.HUMAN][:3]
HEARD = (date(2026, 4, 1), HearingSent(due=date(2026, 4, 20)))
POSTED = (date(2026, 6, 18), DecisionDispatched(decision_id=DECISION, channel="post"))
HANDED = (date(2026, 6, 19), DecisionDispatched(decision_id=DECISION, channel="handed-over"))


def case(*happened: Dated, **facts: object) -> CaseFile:
    return CaseFile.of(events(happened, decided(**facts)), DECISION, LAW.calendar)


def opened(
    number: int,
    *asked: str,
    kept: Mapping[str, Kept] | None = None,
    state: State = State.TAKEN,
    of: CaseFile | None = None,
) -> Opened:
    criteria = [one for one in (FIRST, SECOND, THIRD) if one.code in asked]
    review = Reviewed(UUID(int=number), DECISION, 1, state, None, "work", "task", True)
    order = [one.code for one in (FIRST, SECOND, THIRD)]
    return Opened(review, of or case(), order, criteria, sheet(criteria, {}, kept or {}), {})


def sides(*each: Opened) -> tuple[Side, ...]:
    return side_by_side(each, LAW)


BOTH_ASKED = (FIRST.code, SECOND.code)


def test_one_case_alone_has_no_letter_and_two_stand_in_the_same_order_whoever_is_opened() -> None:
    one, other = opened(1), opened(2)
    assert [(side.letter, side.suffix) for side in sides(one)] == [("", "")]
    for order in ((one, other), (other, one)):
        assert [(each.letter, each.suffix, each.review.id.int) for each in sides(*order)] == [
            ("A", "-a", 1),
            ("B", "-b", 2),
        ]


def test_every_question_stands_once_in_the_order_of_the_form_and_verdicts_stand_last() -> None:
    rows = questions(sides(opened(1, FIRST.code, THIRD.code), opened(2, *BOTH_ASKED)))
    codes = [one.code for one in rows]
    assert codes == [FIRST.code, SECOND.code, THIRD.code, *VERDICTS]
    asked = {one.code: [cell is not None for cell in one.cells] for one in rows}
    assert asked[FIRST.code] == [True, True]
    assert asked[SECOND.code] == [False, True], "asked of the second case alone, yet in its place"
    assert asked[THIRD.code] == [True, False]


@pytest.mark.parametrize(
    ("mine", "other", "differs"),
    [
        ("correct", "correct", False),
        ("correct", "minor_error", True),
        ("correct", None, False),
        (None, None, False),
    ],
)
def test_answers_differ_when_both_are_given(
    mine: str | None, other: str | None, *, differs: bool
) -> None:
    rows = questions(
        sides(
            opened(1, FIRST.code, kept={FIRST.code: Kept(mine, "why")}),
            opened(2, FIRST.code, kept={FIRST.code: Kept(other, "why")}),
        )
    )
    assert rows[0].differs is differs


def test_the_next_question_is_one_that_lacks_something_on_a_side_that_can_be_answered() -> None:
    done = {FIRST.code: Kept("correct")}
    both = sides(opened(1, *BOTH_ASKED, kept=done), opened(2, *BOTH_ASKED, kept=done))
    rows = questions(both)
    following = [next_open(rows, both, code) for code in (None, SECOND.code, VERDICTS[1])]
    assert [one and one.code for one in following] == [SECOND.code, VERDICTS[0], SECOND.code]

    one_left = sides(opened(1, *BOTH_ASKED, kept=done), opened(2, *BOTH_ASKED))
    assert (found := next_open(questions(one_left), one_left, None)) is not None
    assert found.code == FIRST.code

    signed = sides(
        opened(1, FIRST.code, kept=dict.fromkeys((FIRST.code, *VERDICTS), Kept("correct"))),
        opened(2, *BOTH_ASKED, state=State.SIGNED),
    )
    assert next_open(questions(signed), signed, None) is None


def test_what_is_not_the_same_in_both_cases_is_told() -> None:
    found = facts([
        case(unit="unit-1", features={"renewal": True, "years": 3}),
        case(unit="unit-1", features={"renewal": True, "years": 4, "only": 1}),
    ])  # fmt: skip
    assert {one.name: one.differs for one in found} == {
        "unit": False,
        "renewal": False,
        "years": True,
        "only": True,
    }
    assert found[-1].values == (None, 1)


def test_a_step_stands_beside_the_same_one_and_a_gap_is_a_difference() -> None:
    heard = time_line(case(HEARD, POSTED), LAW)
    unheard = time_line(case(HANDED, direction=Direction.ADVERSE), LAW)
    found = {one.step: one for one in steps([heard, unheard])}
    assert list(found) == sorted(found, key=list(Step).index)
    assert found[Step.HEARING].differs
    assert found[Step.DISPATCH].differs, "one was posted, the other handed over"
    assert not found[Step.DECISION].differs, "days always differ"
    assert not found[Step.NOTIFICATION].differs, "neither is recorded"


def test_what_happened_twice_in_one_case_has_no_counterpart_the_second_time() -> None:
    twice = time_line(case(HEARD, (date(2026, 4, 9), HearingSent(due=date(2026, 5, 1)))), LAW)
    once = time_line(case(HEARD), LAW)
    hearings = [one for one in steps([twice, once]) if one.step is Step.HEARING]
    assert [[moment is not None for moment in one.moments] for one in hearings] == [
        [True, True],
        [True, False],
    ]
