"""Announces the ends of messages that were never tried, or tried and reported on later."""

from collections.abc import Sequence
from datetime import UTC, datetime

from services.notify.message import Ended, end_of
from shared.events.event import new_event
from shared.observe.metrics import MESSAGES, MessageState
from shared.postgres.transaction import Transaction

SOURCE = "urn:gleichfall:notify"


def publish_ends(transaction: Transaction, ended: Sequence[Ended]) -> None:
    """Let the ends of messages that were never tried leave with a transaction."""
    now = datetime.now(UTC)
    transaction.publish_all(
        new_event(SOURCE, one.case_ref, end_of(one), time=now, traceparent=one.traceparent)
        for one in ended
    )
    for one in ended:
        MESSAGES.of(MessageState(one.state.value), one.channel).inc()
