"""The one way into review: a decision's row, its event and its count."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from services.controlling.queue import entries
from services.controlling.queue.reason import Entry, Wanted
from services.controlling.source import SOURCE
from shared.events.catalogue.review import DecisionDrawn
from shared.events.event import Event, new_event
from shared.events.vocabulary import DrawReason
from shared.observe.metrics import DECISIONS_DRAWN
from shared.postgres.transaction import Transaction


async def enter_wanted(reviews: Iterable[Wanted], tx: Transaction, now: datetime) -> None:
    """Put decisions of the frame into the queue; a decision has each reason once."""
    once: dict[tuple[str, DrawReason], Wanted] = {}
    for one in reviews:
        once.setdefault((one.decision_id, one.reason), one)
    if once:
        await enter(await entries.new(tx.connection, list(once.values())), tx, now)


async def enter(new: Sequence[Entry], tx: Transaction, now: datetime) -> None:
    """Put decisions into the queue for reasons they don't have yet, announced and counted."""
    if not new:
        return
    await entries.enter(tx.connection, new, now)
    tx.publish_all(_announcement(one, now) for one in new)
    for reason, amount in Counter(one.reason for one in new).items():
        DECISIONS_DRAWN.of(reason).inc(amount)


def _announcement(one: Entry, now: datetime) -> Event:
    facts = DecisionDrawn(
        decision_id=one.decision_id,
        case_ref=one.case_ref,
        period=one.period,
        stratum=one.stratum,
        ticket=one.ticket,
        inclusion_probability=one.chance,
        reasons=(one.reason,),
        policy_version=one.policy_version,
        double_review=one.twice,
        twin=one.twin,
    )
    return new_event(SOURCE, one.decision_id, facts, time=now, traceparent=one.traceparent)
