"""The life of a message, as data."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where a message stands. Accepted means that its provider took it, not that it arrived."""

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.PLANNED: frozenset({State.SENDING}),
        State.SENDING: frozenset(
            {
                State.SENDING,  # taken again when the lease of the process that had it ended
                State.PLANNED,  # to be tried again later
                State.ACCEPTED,
                State.FAILED,
                State.SUPPRESSED,
            }
        ),
        State.ACCEPTED: frozenset(),
        State.FAILED: frozenset(),
        State.SUPPRESSED: frozenset(),
    }
)
"""Where a message may go from each state. What isn't here can't happen: the database asks too."""

TERMINAL = frozenset(state for state, following in TRANSITIONS.items() if not following)


def sources_of(target: State) -> list[State]:
    """Give the states from which a message may go to `target`."""
    return [state for state, following in TRANSITIONS.items() if target in following]


def allowed_steps() -> list[tuple[State, State]]:
    """Give the table as pairs of a state and one that may follow it."""
    return [(state, after) for state, following in TRANSITIONS.items() for after in following]
