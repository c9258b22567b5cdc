"""What operators look up and do: messages of a case, what doesn't end, what left."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.notify.operation.edition import Edition
from services.notify.operation.errors import MessageNotFound
from services.notify.operation.rereading import Past
from services.notify.operation.written import Action, Intervention, Written
from services.notify.sending.store import claim_of
from services.notify.states import State
from shared.contacts.party import Capacity
from shared.events.vocabulary import Channel, FailureReason
from shared.postgres.pool import Connection, Pool
from shared.postgres.queries import load

QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class Count:
    """How many messages of one name are in one state."""

    state: State
    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many messages of one kind should have ended, or at least moved on."""

    name: str
    channel: Channel
    state: State
    amount: int
    since: datetime


async def counts(connection: Connection) -> list[Count]:
    """Count all messages by state and name."""
    rows = await connection.fetch(QUERIES["counts"])
    return [Count(State(row["state"]), row["name"], row["amount"]) for row in rows]


async def of_case(connection: Connection, case_ref: str) -> list[Written]:
    """Give the messages of a case, in the order in which they were asked for."""
    rows = await connection.fetch(QUERIES["of_case"], case_ref)
    done: defaultdict[UUID, list[Intervention]] = defaultdict(list)
    for row in await connection.fetch(QUERIES["interventions_of_case"], case_ref):
        done[row["message"]].append(
            Intervention(
                Action(row["action"]), row["by"], row["because"], row["at"], row["successor"]
            )
        )
    return [
        Written(
            id=row["id"],
            name=row["name"],
            channel=Channel(row["channel"]),
            language=row["language"],
            state=State(row["state"]),
            reason=FailureReason(row["reason"]) if row["reason"] else None,
            why=row["why"],
            attempts=row["attempts"],
            planned_at=row["planned_at"],
            next_at=row["due_at"],
            ended_at=row["ended_at"],
            digest=row["digest"],
            kept=row["kept"],
            erased=row["erased"],
            provided_at=row["provided_at"],
            interventions=tuple(done[row["id"]]),
            capacity=Capacity(row["capacity"]) if row["capacity"] else None,
            cause=row["cause"],
            entered_at=row["entered_at"],
            accepted_at=row["accepted_at"],
            awaits_contact=row["awaits_contact"],
            untrue=row["untrue"],
            to_tell=row["to_tell"],
        )
        for row in rows
    ]


async def is_known(connection: Connection, case_ref: str) -> bool:
    """Whether anything was to be told about a case."""
    return bool(await connection.fetchval(QUERIES["is_known"], case_ref))


async def cases_of_code(connection: Connection, said: bytes) -> list[str]:
    """Give the case, or the few cases, whose code says so."""
    return [row["case_ref"] for row in await connection.fetch(QUERIES["cases_of_code"], said)]


async def of_code(connection: Connection, said: bytes) -> list[Written]:
    """Give the messages of the case, or the few cases, whose code says so."""
    cases = await cases_of_code(connection, said)
    return [one for case in cases for one in await of_case(connection, case)]


async def units_of(connection: Connection, case_refs: Sequence[str]) -> dict[str, str | None]:
    """Give who is at work on these cases, of those of which an event has said so."""
    rows = await connection.fetch(QUERIES["units_of"], case_refs)
    return {row["case_ref"]: row["unit"] for row in rows}


async def overdue(connection: Connection, taken: timedelta, ended: timedelta) -> list[Overdue]:
    """Give the messages that nobody took for `taken`, or that have not ended after `ended`."""
    rows = await connection.fetch(QUERIES["overdue"], taken, ended)
    return [
        Overdue(
            row["name"],
            Channel(row["channel"]),
            State(row["state"]),
            row["amount"],
            row["since"],
        )
        for row in rows
    ]


async def keep_edition(pool: Pool, edition: Edition) -> None:
    """Keep an edition of the texts, unless it is known."""
    await pool.execute(QUERIES["keep_edition"], edition.digest, edition.document)


async def past(connection: Connection, message: UUID) -> Past:
    """Give a message with what is kept of it.

    Raises:
        MessageNotFound: There is no such message.
    """
    row = await connection.fetchrow(QUERIES["past"], message)
    if row is None:
        raise MessageNotFound(message)
    return Past(claim_of(row), row["digest"], row["document"])
