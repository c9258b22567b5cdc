"""Follows until when decisions are to be reviewed and measures carried out, and which of them are.

Of a decision that two review there is one deadline, as of every other one: what staff are told
can't tell them apart.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from services.notify.deadlines import store
from shared.events.catalogue.review import (
    MeasureAgreed,
    MeasureDone,
    MeasureDropped,
    ReviewAssigned,
    ReviewCompleted,
    ReviewOverdue,
    ReviewReopened,
)
from shared.events.event import Event
from shared.postgres.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Deadlines:
    """What a batch of events says, by the hash of the decision.

    Attributes:
        due: The last day to review; where a third person settles, theirs.
        done: Whether both verdicts are final.
        measures: The last day to carry a measure out.
        ended: Measures that were carried out or given up.
    """

    due: dict[bytes, date] = field(default_factory=dict)
    done: dict[bytes, bool] = field(default_factory=dict)
    measures: dict[str, date] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)


async def review_events(events: Sequence[Event], tx: Transaction) -> None:
    """Handle a batch of review events: keep days, never who reviews or what was found."""
    found = deadlines(events)
    await store.put_due(tx.connection, found.due)
    await store.put_done(tx.connection, found.done)
    await store.put_measures(tx.connection, found.measures)
    await store.end_measures(tx.connection, found.ended)


def deadlines(events: Sequence[Event]) -> Deadlines:
    """Give the deadlines that events set and end; most of them are about neither."""
    found = Deadlines()
    for event in events:
        match event.data:
            case (
                ReviewAssigned(decision_id=decision, due=due)
                | ReviewOverdue(decision_id=decision, due=due)
            ):
                key = hashed(decision)
                found.due[key] = max(due, found.due.get(key, due))
            case ReviewCompleted(decision_id=decision):
                found.done[hashed(decision)] = True
            case ReviewReopened(decision_id=decision):
                found.done[hashed(decision)] = False
            case MeasureAgreed(measure=measure, due=date() as due):
                found.measures[measure] = due
            case MeasureDone(measure=measure) | MeasureDropped(measure=measure):
                found.ended.add(measure)
            case _:
                pass
    return found


def hashed(decision_id: str) -> bytes:
    """Give what a decision is found again by: its deadline needs no more."""
    return hashlib.sha256(decision_id.encode()).digest()
