"""A finding's life, held against a small model that knows nothing of the table."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.findings.errors import StepUnfit
from services.controlling.findings.life import (
    ENDINGS,
    REPLIES,
    State,
    Step,
    after,
    needs_reasons,
    on_day,
)

DUE = date(2026, 12, 22)
DONE = [one for one in Step if one is not Step.RAISE]


def can(state: State, step: Step) -> bool:
    try:
        after(state, step)
    except StepUnfit:
        return False
    return True


@dataclass
class Model:
    """What one would tell of a finding in words."""

    late: bool = False
    said: Step | None = None
    ended: Step | None = None

    def allows(self, step: Step) -> bool:
        if step is Step.RETRACT:
            return True
        if self.ended is Step.WITHDRAW or self.ended is Step.RETRACT:
            return step is Step.WITHDRAW
        if step is Step.REWORD:
            return True
        if self.ended is Step.UPHOLD:
            return step is Step.UPHOLD
        return step in REPLIES or self.late or self.said is not None

    def do(self, step: Step) -> None:
        if step in REPLIES:
            self.said = step
        elif step is not Step.REWORD:
            self.ended = step

    @property
    def state(self) -> State:
        if self.ended is not None:
            return State.UPHELD if self.ended is Step.UPHOLD else State.WITHDRAWN
        if self.said is not None:
            return {
                Step.AGREE: State.AGREED,
                Step.DISAGREE: State.DISAGREED,
                Step.PUT_RIGHT: State.PUT_RIGHT,
            }[self.said]
        return State.SILENT if self.late else State.RAISED


@given(st.lists(st.sampled_from([*DONE, "a month passes"]), max_size=20))
def test_whatever_is_tried_the_table_and_the_words_agree(happens: list[Step | str]) -> None:
    model, kept, today = Model(), State.RAISED, DUE
    for one in happens:
        if not isinstance(one, Step):
            today += timedelta(days=30)
            model.late = True
            continue
        state = on_day(kept, DUE, today)
        assert can(state, one) == model.allows(one), (state, one)
        if model.allows(one):
            model.do(one)
            kept = after(kept if one is Step.REWORD else state, one)
        assert on_day(kept, DUE, today) is model.state


@pytest.mark.parametrize("step", DONE)
def test_what_is_repeated_changes_nothing(step: Step) -> None:
    for state in State:
        if can(state, step):
            once = after(state, step)
            assert after(once, step) is once


def test_nobody_decides_before_the_unit_has_spoken_or_its_term_has_passed() -> None:
    assert not any(can(State.RAISED, step) for step in ENDINGS)
    assert all(can(State.SILENT, step) for step in (*ENDINGS, *REPLIES))


@pytest.mark.parametrize("state", [State.UPHELD, State.WITHDRAWN])
def test_nobody_replies_to_what_is_final(state: State) -> None:
    assert not any(can(state, step) for step in REPLIES)


def test_the_last_day_is_still_in_time() -> None:
    assert on_day(State.RAISED, DUE, DUE) is State.RAISED
    assert on_day(State.RAISED, DUE, DUE + timedelta(days=1)) is State.SILENT
    assert on_day(State.AGREED, DUE, DUE + timedelta(days=1)) is State.AGREED


@pytest.mark.parametrize(
    ("state", "step", "needed"),
    [
        (State.RAISED, Step.AGREE, False),
        (State.RAISED, Step.PUT_RIGHT, False),
        (State.RAISED, Step.DISAGREE, True),
        (State.AGREED, Step.UPHOLD, False),
        (State.SILENT, Step.UPHOLD, False),
        (State.DISAGREED, Step.UPHOLD, True),
        (State.AGREED, Step.WITHDRAW, True),
    ],
)
def test_who_contradicts_gives_reasons(state: State, step: Step, *, needed: bool) -> None:
    assert needs_reasons(state, step) is needed
