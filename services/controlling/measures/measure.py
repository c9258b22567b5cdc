"""A measure: what was agreed on findings, and what may be done with it in which state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from services.controlling.accounts.account import Role
from services.controlling.measures.effect import Effect
from services.controlling.measures.errors import ActUnfit


class Kind(StrEnum):
    """What is done about findings."""

    CORRECT_DECISION = "correct_decision"
    GUIDANCE = "guidance"
    TRAINING = "training"
    TEMPLATE = "template"
    PROCESS = "process"


class State(StrEnum):
    """Where a measure stands."""

    AGREED = "agreed"
    DONE = "done"
    """Carried out; whether it helped isn't known yet."""
    CHECKED = "checked"
    """Its effect was looked at, once and for all."""
    DROPPED = "dropped"


class Step(StrEnum):
    """What is done with a measure."""

    CARRY_OUT = "carry_out"
    CHECK = "check"
    DROP = "drop"


OPEN = (State.AGREED, State.DONE)
OWNERS = (Role.LEADERSHIP, Role.CONTROLLING, Role.UNIT_HEAD)
"""Roles that may be asked to carry a measure out; never a person."""

_TABLE: Mapping[tuple[State, Step], State] = MappingProxyType({
    (State.AGREED, Step.CARRY_OUT): State.DONE,
    (State.DONE, Step.CARRY_OUT): State.DONE,
    (State.DONE, Step.CHECK): State.CHECKED,
    (State.CHECKED, Step.CHECK): State.CHECKED,
    (State.AGREED, Step.DROP): State.DROPPED,
    (State.DROPPED, Step.DROP): State.DROPPED,
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


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody agrees.

    Attributes:
        kind: What is done.
        title: In a few words.
        owner: The role that carries it out.
        unit: Where; None for the whole authority.
        due: Until when.
        findings: On which findings; all are about one question.
    """

    kind: Kind
    title: str
    owner: Role
    unit: str | None
    due: date
    findings: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as it stands.

    Attributes:
        question: The criterion that its findings are about, and its effect is seen on.
        effect: What the last look at its effect gave.
        reason: Why it was dropped.
    """

    number: int
    kind: Kind
    title: str
    owner: Role
    unit: str | None
    question: str
    due: date
    state: State
    agreed_at: datetime
    done_at: datetime | None
    checked_at: datetime | None
    effect: Effect | None
    reason: str
