"""A measure's life, held against what one would tell of it in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.controlling.measures.errors import ActUnfit
from services.controlling.measures.measure import State, Step, after


def told(steps: list[Step]) -> State:
    """The first step that ends a measure's first part decides; a look needs something done."""
    state = State.AGREED
    for step in steps:
        match state, step:
            case State.AGREED, Step.CARRY_OUT:
                state = State.DONE
            case State.AGREED, Step.DROP:
                state = State.DROPPED
            case State.DONE, Step.CHECK:
                state = State.CHECKED
    return state


@given(st.lists(st.sampled_from(Step), max_size=12))
def test_whatever_is_tried_the_table_and_the_words_agree(steps: list[Step]) -> None:
    state = State.AGREED
    for step in steps:
        try:
            state = after(state, step)
        except ActUnfit:
            continue
    assert state is told(steps)


@pytest.mark.parametrize("step", Step)
def test_what_is_repeated_changes_nothing(step: Step) -> None:
    for state in State:
        try:
            once = after(state, step)
        except ActUnfit:
            continue
        assert after(once, step) is once


@pytest.mark.parametrize("state", [State.DONE, State.CHECKED])
def test_what_was_carried_out_cannot_be_given_up(state: State) -> None:
    with pytest.raises(ActUnfit):
        after(state, Step.DROP)
