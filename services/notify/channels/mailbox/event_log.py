"""What the event log of a submission to a mailbox means. Pure."""

from collections.abc import Iterable

from services.notify.channels.mailbox.security_event import EVENTS, SecurityEvent, Stage
from services.notify.reports.receipts import (
    ARRIVED,
    LOST_ON_THE_WAY,
    ON_ITS_WAY,
    UNWELCOME,
    Receipt,
)

# What a destination objects to in a submission (docs.fitko.de/fit-connect, events): nobody read it.
_UNREADABLE = frozenset(
    f"{EVENTS}problems/{name}"
    for name in (
        "encryption-issue",
        "incorrect-hash",
        "missing-schema",
        "schema-violation",
        "syntax-violation",
        "unsupported-schema",
        "unsupported-service",
    )
)


def of_submission(events: Iterable[SecurityEvent]) -> tuple[Receipt, SecurityEvent] | None:
    """Read the event log of a submission to a mailbox, and which event tells it.

    None while it hasn't left. No problem is known that says that there is no such mailbox, so none
    is blamed.
    """
    told = {event.stage: event for event in events}
    if (accepted := told.get(Stage.ACCEPTED)) is not None:
        return ARRIVED, accepted
    if (rejected := told.get(Stage.REJECTED)) is not None:
        unreadable = _UNREADABLE & set(rejected.problems)
        return UNWELCOME if unreadable else LOST_ON_THE_WAY, rejected
    submitted = told.get(Stage.SUBMITTED)
    return None if submitted is None else (ON_ITS_WAY, submitted)
