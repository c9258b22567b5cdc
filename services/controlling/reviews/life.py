"""The life of a review: what can be done in which state, and what becomes of it.

`complete` is no state: a review all of whose questions are answered is under way until it is
signed. Overdue and on hold are none either: they follow from the day.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from services.controlling.reviews.errors import ActUnfit

FIRST, SECOND, THIRD = 1, 2, 3
"""Rounds: two may review a decision blindly; a third settles where they differ."""


class State(StrEnum):
    """Where a review stands."""

    WAITING = "waiting"
    """Nobody has it."""
    ASSIGNED = "assigned"
    """Somebody is to do it and hasn't said yet whether they may."""
    TAKEN = "taken"
    """No conflict is declared; the case can be read."""
    IN_REVIEW = "in_review"
    SIGNED = "signed"
    CLOSED = "closed"
    """Settled by a third person."""


class Step(StrEnum):
    """What is done with a review."""

    ASSIGN = "assign"
    TAKE = "take"
    HAND_BACK = "hand_back"
    PUT_ON_HOLD = "put_on_hold"
    RESUME = "resume"
    DECLINE = "decline"
    ANSWER = "answer"
    SIGN = "sign"
    REOPEN = "reopen"
    SETTLE = "settle"


HELD = (State.ASSIGNED, State.TAKEN, State.IN_REVIEW)
"""Somebody has it and is to do something."""
OPEN = (State.WAITING, *HELD)

_TABLE: Mapping[tuple[State, Step], State] = MappingProxyType({
    **{(state, Step.ASSIGN): State.ASSIGNED for state in OPEN},
    **{(state, Step.HAND_BACK): State.WAITING for state in HELD},
    **{(state, Step.DECLINE): State.WAITING for state in HELD},
    **{(state, Step.PUT_ON_HOLD): state for state in HELD},
    **{(state, Step.RESUME): state for state in HELD},
    (State.ASSIGNED, Step.TAKE): State.TAKEN,
    (State.TAKEN, Step.TAKE): State.TAKEN,
    (State.IN_REVIEW, Step.TAKE): State.IN_REVIEW,
    (State.TAKEN, Step.ANSWER): State.IN_REVIEW,
    (State.IN_REVIEW, Step.ANSWER): State.IN_REVIEW,
    (State.IN_REVIEW, Step.SIGN): State.SIGNED,
    (State.SIGNED, Step.SIGN): State.SIGNED,
    (State.SIGNED, Step.REOPEN): State.IN_REVIEW,
    (State.SIGNED, Step.SETTLE): State.CLOSED,
    (State.CLOSED, Step.SETTLE): State.CLOSED,
})  # fmt: skip


def after(state: State, step: Step) -> State:
    """Give the state after a step; a step that was done already changes nothing.

    Raises:
        ActUnfit: the step can't be done in that state.
    """
    found = _TABLE.get((state, step))
    if found is None:
        raise ActUnfit(step, state)
    return found
