"""Messages that are ours to send for a while, and what became of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
from pydantic_core import from_json

from services.notify.cases.store import open_duties
from services.notify.lanes import Lane
from services.notify.message import Attempt, Claim, Represented
from services.notify.sending.errors import MessagesUnreadable
from services.notify.sending.outcomes import Outcome
from services.notify.states import State, allowed_steps, sources_of
from shared.contacts.party import Capacity
from shared.events.vocabulary import Channel
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def claim(
    connection: Connection,
    lease: timedelta,
    passed_over: Sequence[UUID],
    channel: Channel,
    limit: int,
) -> list[Claim]:
    """Take up to `limit` due messages of a channel, but some, for the time of `lease`.

    Raises:
        MessagesUnreadable: Some can't be read; none must be taken then.
    """
    rows = await connection.fetch(
        QUERIES["claim"], channel, limit, lease, sources_of(State.SENDING), passed_over
    )
    claims, unreadable = [], {}
    for row in rows:
        try:
            claims.append(claim_of(row))
        except Exception as error:  # noqa: BLE001 - whatever is wrong, it is wrong with this row
            unreadable[row["id"]] = error
    if unreadable:
        raise MessagesUnreadable(unreadable)
    return claims


async def ended(connection: Connection, messages: Sequence[UUID]) -> list[UUID]:
    """Give those of some messages that nobody sends any more."""
    return [row["id"] for row in await connection.fetch(QUERIES["ended"], messages)]


def claim_of(row: asyncpg.Record) -> Claim:
    """Read a claimed message."""
    return Claim(
        attempt=Attempt(
            id=row["id"],
            name=row["name"],
            case_ref=row["case_ref"],
            contact_ref=row["contact_ref"],
            channel=Channel(row["channel"]),
            language=row["language"],
            cause_id=row["cause_id"],
            traceparent=row["traceparent"],
            number=row["attempts"],
            lane=Lane(row["lane"]),
            planned_at=row["planned_at"],
            expires_at=row["expires_at"],
            asked=row["provider"],
            holder=row["provider"],
        ),
        about=row["about"],
        sequence=row["sequence"],
        thread=row["thread"],
        facts=from_json(row["facts"]) or {},
        sealed=row["sealed"],
        ciphertext=row["ciphertext"],
        wrapped_key=row["wrapped_key"],
        duties=open_duties(row["standing"], datetime.now(UTC).date()),
        represented=_represented(row),
    )


def _represented(row: asyncpg.Record) -> Represented | None:
    if row["on_behalf_of"] is None:
        return None
    return Represented(
        row["on_behalf_of"],
        Capacity(row["capacity"]),
        row["person_ciphertext"],
        row["person_key"],
    )


async def record(connection: Connection, outcomes: Sequence[tuple[Attempt, Outcome]]) -> set[UUID]:
    """Move messages on; gives the ids of those whose attempt was still the current one."""
    steps = allowed_steps()
    copies = [outcome.copy for _, outcome in outcomes]
    rows = await connection.fetch(
        QUERIES["record"],
        [attempt.id for attempt, _ in outcomes],
        [attempt.number for attempt, _ in outcomes],
        [outcome.state for _, outcome in outcomes],
        [outcome.reason for _, outcome in outcomes],
        [outcome.delay for _, outcome in outcomes],
        [f"{before} {after}" for before, after in steps],
        [_has_it(attempt, outcome) for attempt, outcome in outcomes],
        [copy and copy.digest for copy in copies],
        [copy and copy.edition for copy in copies],
        [copy and copy.sealed for copy in copies],
        [outcome.why for _, outcome in outcomes],
    )
    recorded = {row["id"] for row in rows}
    await _keep_overtaken(connection, [one for one in outcomes if one[0].id not in recorded])
    return recorded


async def _keep_overtaken(
    connection: Connection, outcomes: Sequence[tuple[Attempt, Outcome]]
) -> None:
    """Keep copies of messages whose report came before we wrote down that they left."""
    copies = [(attempt, outcome.copy) for attempt, outcome in outcomes if outcome.copy]
    if copies:
        await connection.execute(
            QUERIES["keep_overtaken"],
            [attempt.id for attempt, _ in copies],
            [attempt.number for attempt, _ in copies],
            [copy.digest for _, copy in copies],
            [copy.edition for _, copy in copies],
            [copy.sealed for _, copy in copies],
        )


def _has_it(attempt: Attempt, outcome: Outcome) -> str | None:
    return attempt.asked if outcome.handed_over else attempt.holder
