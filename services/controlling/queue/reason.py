"""Why a decision is to be reviewed, and all that the queue is told of it."""

from typing import NamedTuple

from shared.events.vocabulary import DrawReason


class Wanted(NamedTuple):
    """A review of a decision that stands in the frame; the frame knows the rest.

    Attributes:
        priority: How urgent it is: 1 comes first. None: no more urgent than the sample is.
        decider: Who decided, and may not review it; None if that isn't known here.
        co_signer: Who signed with them.
        twice: Whether two review it blindly.
        chance: The probability with which it was drawn, if that isn't the one with which the
            decision was registered.
        ticket: The ticket by which it was drawn, if that isn't the decision's own.
        twin: The like case that it is reviewed together with.
    """

    decision_id: str
    reason: DrawReason
    priority: int | None = None
    decider: str | None = None
    co_signer: str | None = None
    twice: bool = False
    chance: float | None = None
    ticket: str | None = None
    twin: str | None = None


class Entry(NamedTuple):
    """A review that is new in the queue, with what the frame says of its decision.

    Attributes:
        traceparent: The trace that asks for it.
    """

    decision_id: str
    case_ref: str
    period: str
    stratum: str
    ticket: str
    chance: float
    policy_version: str
    reason: DrawReason
    priority: int | None
    decider: str | None
    co_signer: str | None
    twice: bool
    twin: str | None = None
    traceparent: str | None = None
