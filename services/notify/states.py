"""The life of a message, as two tables: what we do with it, and what is reported of it later."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import combinations, product
from types import MappingProxyType

from shared.events.vocabulary import Channel


class State(StrEnum):
    """Where a message stands. Accepted means that its provider took it, not that it arrived."""

    PLANNED = "planned"
    HELD = "held"
    """Waits on purpose: for the morning, or until somebody lets it go."""
    RENDERED = "rendered"
    """Written: its bytes don't change any more."""
    QUEUED = "queued"
    """Waits for its turn in its lane."""
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    EXPIRED = "expired"
    """Was of no use any more before it left, or nobody reported its delivery in time."""
    SUPERSEDED = "superseded"
    """Became untrue before it left."""
    SUPPRESSED = "suppressed"
    """Must not or cannot be sent to this recipient."""
    FAILED = "failed"


_UNSENT = frozenset({State.EXPIRED, State.SUPERSEDED, State.SUPPRESSED, State.FAILED})

TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.PLANNED: _UNSENT | {State.HELD, State.RENDERED, State.QUEUED, State.SENDING},
        State.HELD: _UNSENT | {State.PLANNED, State.RENDERED, State.QUEUED, State.SENDING},
        State.RENDERED: _UNSENT | {State.HELD, State.QUEUED},
        State.QUEUED: _UNSENT | {State.HELD, State.SENDING},
        State.SENDING: _UNSENT
        | {
            State.SENDING,  # taken again when the lease of the process that had it ended
            State.PLANNED,  # to be tried again later
            State.QUEUED,  # the same, with its bytes written already
            State.HELD,  # its turn came at night
            State.ACCEPTED,
        },
        State.ACCEPTED: frozenset(),
        State.DELIVERED: frozenset(),
        State.BOUNCED: frozenset(),
        State.EXPIRED: frozenset(),
        State.SUPERSEDED: frozenset(),
        State.SUPPRESSED: frozenset(),
        State.FAILED: frozenset(),
    }
)
"""Where we may take a message from each state. What isn't here can't happen: the database asks too.
Only a report moves it on from an end."""

TERMINAL = frozenset(state for state, following in TRANSITIONS.items() if not following)
"""Where nothing is sent any more, whatever is reported later."""

LIVING = frozenset(State) - TERMINAL
"""Where a message may still leave, or leave once more."""

WAITING = LIVING - {State.SENDING}
"""Where a message can be stopped for certain: nobody is handing it over."""

MISSED = frozenset({State.BOUNCED, State.EXPIRED, State.SUPPRESSED, State.FAILED})
"""Ends after which somebody must still be told. What was superseded needn't be told any more."""

REPORTS: Mapping[Channel, tuple[State, ...]] = MappingProxyType(
    {
        Channel.EMAIL: (State.ACCEPTED, State.DELIVERED, State.BOUNCED),
        Channel.LETTER: (State.ACCEPTED, State.DELIVERED, State.BOUNCED),
        Channel.SMS: (State.ACCEPTED, State.EXPIRED, State.BOUNCED, State.DELIVERED),
        Channel.MAILBOX: (State.ACCEPTED, State.EXPIRED, State.BOUNCED, State.DELIVERED),
    }
)
"""What is reported of a message that left, the weakest first: only a stronger report moves it, so
their order and number change nothing.

- E-mail: "delivered" is said by the first server that keeps it. A server behind it may send it back
  later (RFC 3464, 2.3.3: relayed, expanded), and one that is sent back was not read.
- Letter: one that comes back was not delivered, whoever signed for it.
- SMS and mailbox: delivered is said by the phone or the mailbox itself, the last in the row. A
  report of failure that comes after it is an older one, or about a second try.
- Expired stands where a provider owes a report and gives none in time; one that comes still counts.
"""


def sources_of(target: State) -> list[State]:
    """Give the states from which a message may go to `target`."""
    return [state for state, following in TRANSITIONS.items() if target in following]


STOPPABLE = WAITING & frozenset(sources_of(State.SUPPRESSED))
"""Where the table lets a message be stopped, and nobody is handing it over."""


def allowed_steps() -> list[tuple[State, State]]:
    """Give the table as pairs of a state and one that may follow it."""
    return [(state, after) for state, following in TRANSITIONS.items() for after in following]


def reported_steps(channel: Channel) -> list[tuple[State, State]]:
    """Give the steps that reports make, as pairs.

    A message that still lives may be reported, too: the report came before we wrote down that its
    provider took it, or while it waits to be tried again after an answer that got lost.
    """
    ladder = REPORTS[channel]
    return [*product(sorted(LIVING), ladder), *combinations(ladder, 2)]


def owes_report(channel: Channel) -> bool:
    """Whether the provider tells of every delivery, so that its silence means something."""
    return State.EXPIRED in REPORTS[channel]


def has_ended(state: State, channel: Channel) -> bool:
    """Whether a message has ended.

    Accepted is an end where nothing more is sure to come: by e-mail and letter. By SMS and to a
    mailbox the report of delivery is still owed.
    """
    return state in TERMINAL and not (state is State.ACCEPTED and owes_report(channel))
