"""Announces the ends of messages that were never tried, or tried and reported on later."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import product
from typing import Protocol
from uuid import UUID

from services.notify.message import Ended, end_of
from services.notify.states import MISSED, State
from shared.events.event import new_event
from shared.events.vocabulary import Channel, FailureReason
from shared.observe.metrics import (
    BOUNCE_MAILS,
    MESSAGES,
    MESSAGES_MISSED,
    BounceMail,
    MessageState,
)
from shared.observe.way import Station, Step
from shared.postgres.transaction import Transaction

SOURCE = "urn:gleichfall:notify"
_STATIONS = {
    State.PLANNED: Station.PLANNED,
    State.HELD: Station.PLANNED,
    State.ACCEPTED: Station.LEFT,
}


class Told(Protocol):
    """What a message tells, and of which case."""

    @property
    def name(self) -> str:
        """Which message it is."""

    @property
    def case_ref(self) -> str:
        """The case."""

    @property
    def cause_id(self) -> str | None:
        """The event that asked for it."""

    @property
    def traceparent(self) -> str | None:
        """The trace of that event."""


def step(told: Told, message: UUID, state: State) -> Step:
    """Give how far an event has come by a message that is in this state now."""
    station = _STATIONS.get(state, Station.ENDED)
    return Step(
        station,
        told.case_ref,
        told.cause_id,
        told.name,
        told.traceparent,
        str(message),
        state.value,
    )


def expect() -> None:
    """Tell from the start of every state and every failure of a message."""
    MESSAGES.expect(product(MessageState, Channel))
    missed = [MessageState(state.value) for state in (*sorted(MISSED), State.SUPERSEDED)]
    MESSAGES_MISSED.expect(product(missed, FailureReason, Channel))
    BOUNCE_MAILS.expect(product(BounceMail))


def count_end(state: State, reason: FailureReason | None, channel: Channel) -> None:
    """Tell the metrics of a message that is where nothing more is sent, and why if it missed."""
    told = MessageState(state.value)
    MESSAGES.of(told, channel).inc()
    if reason is not None:
        MESSAGES_MISSED.of(told, reason, channel).inc()


def publish_ends(transaction: Transaction, ended: Sequence[Ended]) -> None:
    """Let the ends of messages that were never tried leave with a transaction."""
    now = datetime.now(UTC)
    transaction.publish_all(
        new_event(SOURCE, one.case_ref, end_of(one), time=now, traceparent=one.traceparent)
        for one in ended
    )
    transaction.reach(step(one, one.id, one.state) for one in ended)
    for one in ended:
        count_end(one.state, one.reason, one.channel)
