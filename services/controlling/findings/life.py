"""A finding's life as a table: from what a review found to what holds in the end.

That a unit said nothing in time is no state that is kept: it follows from the day.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from services.controlling.findings.errors import StepUnfit


class State(StrEnum):
    """Where a finding stands."""

    RAISED = "raised"
    SILENT = "silent"
    """The unit's term has passed and it has said nothing; it still may."""
    AGREED = "agreed"
    DISAGREED = "disagreed"
    PUT_RIGHT = "put_right"
    UPHELD = "upheld"
    """It holds, and for good, unless the review itself changes."""
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What is done with a finding."""

    RAISE = "raise"
    AGREE = "agree"
    DISAGREE = "disagree"
    PUT_RIGHT = "put_right"
    UPHOLD = "uphold"
    WITHDRAW = "withdraw"
    REWORD = "reword"
    """The review was signed again and says the same in other words."""
    RETRACT = "retract"
    """The review was signed again and finds it no more, or finds something else."""


REPLIES = (Step.AGREE, Step.DISAGREE, Step.PUT_RIGHT)
"""What the unit says."""
ENDINGS = (Step.UPHOLD, Step.WITHDRAW)
"""What leadership makes of it."""
REPLIED = (State.AGREED, State.DISAGREED, State.PUT_RIGHT)
UNANSWERED = (State.RAISED, State.SILENT)
ANSWERABLE = (*UNANSWERED, *REPLIED)

_TABLE: Mapping[tuple[State, Step], State] = MappingProxyType({
    **{(state, Step.AGREE): State.AGREED for state in ANSWERABLE},
    **{(state, Step.DISAGREE): State.DISAGREED for state in ANSWERABLE},
    **{(state, Step.PUT_RIGHT): State.PUT_RIGHT for state in ANSWERABLE},
    **{(state, Step.UPHOLD): State.UPHELD for state in (State.SILENT, *REPLIED, State.UPHELD)},
    **{(state, Step.WITHDRAW): State.WITHDRAWN
       for state in (State.SILENT, *REPLIED, State.WITHDRAWN)},
    **{(state, Step.REWORD): state for state in (*ANSWERABLE, State.UPHELD)},
    **{(state, Step.RETRACT): State.WITHDRAWN for state in State},
})  # fmt: skip


def after(state: State, step: Step) -> State:
    """Give the state after a step; a step that was done already changes nothing.

    Raises:
        StepUnfit: the step can't be done in that state.
    """
    found = _TABLE.get((state, step))
    if found is None:
        raise StepUnfit(step, state)
    return found


def on_day(kept: State, due: date, today: date) -> State:
    """Give the state as it is on a day: silence is the only one that a day brings."""
    return State.SILENT if kept is State.RAISED and today > due else kept


def needs_reasons(state: State, step: Step) -> bool:
    """Whether a step must say why: who contradicts somebody does."""
    return step in (Step.DISAGREE, Step.WITHDRAW) or (
        step is Step.UPHOLD and state is State.DISAGREED
    )
