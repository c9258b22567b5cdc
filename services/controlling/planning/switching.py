"""How closely the next period is looked at, given how the last ones went.

The switching rules of MIL-STD-105E (1989), 4.7, as a state machine over periods without time and
storage. They are those of ISO 2859-1 in its edition of 1989, with limit numbers; the switching
score of the edition of 1999 isn't followed. They change the next period's rates, never what was
drawn, so estimates stay unbiased.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from services.controlling.planning.acceptance import Inspection

NOT_ACCEPTED_TO_TIGHTEN = 2
WITHIN_LOTS = 5
ACCEPTED_TO_RELAX = 5
ACCEPTED_TO_REDUCE = 10
NOT_ACCEPTED_TO_STOP = 5


class Result(StrEnum):
    """How a period's sample came out against its plan."""

    ACCEPTED = "A"
    GAP = "G"
    """Accepted with a number of errors between accept and reject (reduced inspection only)."""
    NOT_ACCEPTED = "R"
    MISSING = "-"
    """There is none, as when its reviews were never done: what counts in a row begins anew."""


@dataclass(frozen=True, slots=True)
class Lot:
    """One period of a stratum.

    Attributes:
        result: How its sample came out.
        may_reduce: Whether the errors of the last ten lots are at or below the standard's limit
            number (table VIII) and leadership wants less inspection.
        steady: Whether work went its usual way; reduced inspection needs it.
    """

    result: Result
    may_reduce: bool = False
    steady: bool = True


@dataclass(frozen=True, slots=True)
class State:
    """How closely is looked at, and what since then counts towards a change.

    Attributes:
        inspection: The closeness for the next lot.
        stopped: Whether sampling has to stop until the work itself was put right: five lots
            weren't accepted under tightened inspection (4.7.5). Only a new start ends it.
        results: Results since the last change, oldest first, no more than any rule looks at.
        failures: Lots not accepted since tightened inspection began.
    """

    inspection: Inspection = Inspection.NORMAL
    stopped: bool = False
    results: tuple[Result, ...] = ()
    failures: int = 0

    def after(self, lot: Lot) -> "State":
        """Give the state for the next lot."""
        if self.stopped:
            return self
        results = (*self.results, lot.result)[-ACCEPTED_TO_REDUCE:]
        seen = replace(
            self, results=results, failures=self.failures + (lot.result is Result.NOT_ACCEPTED)
        )
        match self.inspection:
            case Inspection.NORMAL:
                return _after_normal(seen, lot)
            case Inspection.TIGHTENED:
                return _after_tightened(seen)
            case Inspection.REDUCED:  # a lot without a result is no reason for less, either
                usual = lot.result is Result.ACCEPTED and lot.steady
                return seen if usual else State(Inspection.NORMAL)


def _after_normal(state: State, lot: Lot) -> State:
    """4.7.1: two of five or fewer not accepted; 4.7.3: ten accepted, and reasons for less."""
    if state.results[-WITHIN_LOTS:].count(Result.NOT_ACCEPTED) >= NOT_ACCEPTED_TO_TIGHTEN:
        return State(Inspection.TIGHTENED)
    accepted = state.results.count(Result.ACCEPTED) == ACCEPTED_TO_REDUCE
    return State(Inspection.REDUCED) if accepted and lot.may_reduce and lot.steady else state


def _after_tightened(state: State) -> State:
    """4.7.5: the fifth not accepted stops; 4.7.2: five in a row accepted relax."""
    if state.failures >= NOT_ACCEPTED_TO_STOP:
        return replace(state, stopped=True)
    latest = state.results[-ACCEPTED_TO_RELAX:]
    relaxed = latest.count(Result.ACCEPTED) == ACCEPTED_TO_RELAX
    return State(Inspection.NORMAL) if relaxed else state


def states(lots: Iterable[Lot], start: Inspection = Inspection.NORMAL) -> Iterator[State]:
    """Give the state after each lot."""
    state = State(start)
    for lot in lots:
        state = state.after(lot)
        yield state
