"""A review's life, held against a small model that knows nothing of the table."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling import reviews
from services.controlling.audit.entry import Act
from services.controlling.reviews.errors import ActUnfit
from services.controlling.reviews.life import HELD, State, Step, after


def can(state: State, step: Step) -> bool:
    try:
        after(state, step)
    except ActUnfit:
        return False
    return True


BACK = (Step.HAND_BACK, Step.DECLINE)


@dataclass
class Model:
    """What one would tell of a review in words."""

    held: bool = False
    declared: bool = False
    begun: bool = False
    signed: bool = False
    settled: bool = False

    def allows(self, step: Step) -> bool:
        if step is Step.SETTLE:
            return self.signed or self.settled
        if self.settled:
            return False
        if self.signed:
            return step in (Step.SIGN, Step.REOPEN)
        return {
            Step.ASSIGN: True,
            Step.TAKE: self.held,
            Step.HAND_BACK: self.held,
            Step.PUT_ON_HOLD: self.held,
            Step.RESUME: self.held,
            Step.DECLINE: self.held,
            Step.ANSWER: self.declared,
            Step.SIGN: self.begun,
        }.get(step, False)

    def do(self, step: Step) -> None:
        match step:
            case Step.ASSIGN:
                self.held, self.declared, self.begun = True, False, False
            case Step.TAKE:
                self.declared = True
            case Step.HAND_BACK | Step.DECLINE:
                self.held = self.declared = self.begun = False
            case Step.ANSWER:
                self.begun = True
            case Step.SIGN:
                self.signed = True
            case Step.REOPEN:
                self.signed = False
            case Step.SETTLE:
                self.settled = True

    @property
    def state(self) -> State:
        if self.settled:
            return State.CLOSED
        if self.signed:
            return State.SIGNED
        if self.begun:
            return State.IN_REVIEW
        if self.declared:
            return State.TAKEN
        return State.ASSIGNED if self.held else State.WAITING


@given(st.lists(st.sampled_from(Step), max_size=30))
def test_whatever_is_tried_the_table_and_the_words_agree(steps: list[Step]) -> None:
    model, state = Model(), State.WAITING
    for step in steps:
        assert can(state, step) == model.allows(step), (state, step)
        if model.allows(step):
            model.do(step)
            state = after(state, step)
        else:
            with pytest.raises(ActUnfit):
                after(state, step)
        assert state is model.state


@pytest.mark.parametrize("step", [step for step in Step if step not in (*BACK, Step.REOPEN)])
def test_what_is_repeated_changes_nothing(step: Step) -> None:
    for state in State:
        if can(state, step):
            once = after(state, step)
            assert after(once, step) is once


def test_the_case_is_only_read_by_who_has_declared_no_conflict() -> None:
    assert not any(can(state, Step.ANSWER) for state in (State.WAITING, State.ASSIGNED))


def test_whoever_has_a_review_can_give_it_back() -> None:
    assert {state for state in State if can(state, BACK[0]) and can(state, BACK[1])} == set(HELD)


WRITTEN = {
    Step.ASSIGN: Act.ASSIGNED,
    Step.TAKE: Act.TAKEN,
    Step.HAND_BACK: Act.HANDED_BACK,
    Step.PUT_ON_HOLD: Act.PUT_ON_HOLD,
    Step.RESUME: Act.RESUMED,
    Step.DECLINE: Act.CONFLICT_DECLARED,
    Step.ANSWER: Act.ANSWERED,
    Step.SIGN: Act.SIGNED,
    Step.REOPEN: Act.REOPENED,
    Step.SETTLE: Act.ADJUDICATED,
}


def test_every_step_is_written_down_and_nothing_else_is() -> None:
    room = Path(reviews.__file__).parent
    named = {
        Act[name]
        for file in room.glob("*.py")
        for name in re.findall(r"\bAct\.([A-Z_]+)", file.read_text(encoding="utf-8"))
    }
    assert WRITTEN.keys() == set(Step)
    assert named == set(WRITTEN.values())
