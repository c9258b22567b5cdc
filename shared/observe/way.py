"""The way of an event through the system: a line of the log at each station that it has reached.

A step is told once it is certain: after the commit, or after Kafka's word. Then one search for an
event's id, or for the pseudonym of a case, shows all of its way. Where traces are collected, it is
a span in the trace of its event, too. Nothing personal stands in it.
"""

import logging
from collections.abc import Sequence
from enum import StrEnum
from json.encoder import encode_basestring as quoted
from typing import NamedTuple

from shared.observe.tracing import span_of_past, tracing_is_on

logger = logging.getLogger(__name__)


class Station(StrEnum):
    """Where an event has come to."""

    ACCEPTED = "accepted"
    """Intake has it, and its sender a receipt."""
    PUBLISHED = "published"
    """Kafka has it."""
    APPLIED = "applied"
    """A service has done what it does with it."""
    PARKED = "parked"
    """It waits in a service for an earlier one of its subject."""
    GIVEN_UP = "given up"
    """A service couldn't handle it: it is a dead letter."""
    REGISTERED = "registered"
    """A decision is in the frame, and chance didn't draw it."""
    DRAWN = "drawn"
    """A decision is in the frame, and in the queue of reviews."""
    PLANNED = "planned"
    """A message was planned for it."""
    LEFT = "left"
    """A message was handed over to who carries it."""
    ENDED = "ended"
    """A message ended: it never left, or who carries it said what became of it."""


class Step(NamedTuple):
    """One event at one station.

    Attributes:
        subject: Its case's pseudonym; of what is about no case, the key that it is about.
        event_id: None for a message that a release before this one planned.
        what: The event's type, or the name of the message.
        traceparent: The trace that it belongs to, if it is known.
        message_id: Where it is about a message.
        state: The state of the message from now on.
    """

    station: Station
    subject: str
    event_id: str | None
    what: str
    traceparent: str | None
    message_id: str | None = None
    state: str | None = None


class Steps(tuple[Step, ...]):
    """Steps told at once: one record for the logger, and a line of the log for each."""

    __slots__ = ()

    def __str__(self) -> str:
        return "; ".join(f"{one.station} {one.event_id} of {one.subject}" for one in self)

    def lines(self, time: str, service: str) -> str:
        """Give a JSON object per step, each on a line. Written by hand: there are thousands."""
        head = (
            f'{{"time": "{time}", "level": "INFO", "service": "{service}", '
            f'"logger": "{__name__}", "message": "'
        )
        return "\n".join([head + _rest(one) for one in self])


def tell(steps: Sequence[Step], began: int) -> None:
    """Say where events have come to; say it only when that is certain.

    Args:
        steps: All that were taken at once.
        began: When the work that brought them there began, in nanoseconds since 1970.
    """
    if steps and logger.isEnabledFor(logging.INFO):
        logger.info(Steps(steps))
    if tracing_is_on():
        # To add a member of an enum is several times as fast as to format it.
        span_of_past(((one.station + " " + one.what, one.traceparent) for one in steps), began)


def _rest(step: Step) -> str:
    station, subject, event_id, what, _, message_id, state = step
    event = "null" if event_id is None else quoted(event_id)
    rest = f'", "event_id": {event}, "subject": {quoted(subject)}, "what": {quoted(what)}'
    return station + rest + ("}" if message_id is None else _of_message(message_id, state))


def _of_message(message_id: str, state: str | None) -> str:
    return f', "message_id": "{message_id}", "state": "{state}"}}'
