"""The queue of reviews: a row for each decision, with all the reasons it has."""

from collections.abc import Sequence
from datetime import datetime

from services.controlling.queue.reason import Entry, Wanted
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def new(connection: Connection, wanted: Sequence[Wanted]) -> list[Entry]:
    """Give what isn't in the queue yet, of decisions that stand in the frame.

    Nobody else gives these decisions a reason until the transaction ends.
    """
    ids = [one.decision_id for one in wanted]
    held = await connection.fetch(QUERIES["hold_decisions"], ids)
    queued = await connection.fetch(QUERIES["known_of"], ids)
    frame = {decision_id: facts for decision_id, *facts in held}
    known = {decision_id: facts for decision_id, *facts in queued}
    entries = []
    for one in wanted:
        if one.decision_id not in frame:
            continue
        case_ref, period, stratum, ticket, probability, policy_version = frame[one.decision_id]
        reasons, decider, co_signer = known[one.decision_id]
        if one.reason.value in reasons:
            continue
        entries.append(
            Entry(
                decision_id=one.decision_id,
                case_ref=case_ref,
                period=period,
                stratum=stratum,
                ticket=one.ticket or ticket,
                chance=float(probability) if one.chance is None else one.chance,
                policy_version=policy_version,
                reason=one.reason,
                priority=one.priority,
                decider=one.decider or decider,
                co_signer=one.co_signer or co_signer,
                twice=one.twice,
                twin=one.twin,
            )
        )
    return entries


async def enter(connection: Connection, entries: Sequence[Entry], at: datetime) -> None:
    """Enter reviews. No decision may have its reason already."""
    await connection.execute(
        QUERIES["enter_reviews"],
        [one.decision_id for one in entries],
        [one.reason.value for one in entries],
        [one.priority for one in entries],
        [one.decider for one in entries],
        [one.co_signer for one in entries],
        [one.twice for one in entries],
        at,
    )
