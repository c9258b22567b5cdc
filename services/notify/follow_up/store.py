"""Messages that ended without delivery, and the tasks of those whom none reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.notify.follow_up.escalation import Following, Missed
from services.notify.message import Ended
from services.notify.states import LIVING, State
from shared.events.envelope import CLOCKS_DIFFER
from shared.events.vocabulary import Channel, FailureReason
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)

LONGEST_PAUSE = timedelta(days=3)
"""Longer than any pause between attempts, and than any lease."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a person must tell an applicant of a case, because no message could.

    Attributes:
        message: The oldest of those that ended for this reason.
        amount: How many there are.
        why: What kept us from writing it, for those who mend it.
    """

    message: UUID
    case_ref: str
    name: str
    reason: FailureReason
    opened_at: datetime
    amount: int
    why: str | None


async def useless(connection: Connection, passed_over: Sequence[UUID], limit: int) -> list[UUID]:
    """Give up to `limit` messages that are due and too late, or untrue by now."""
    rows = await connection.fetch(QUERIES["useless"], sorted(LIVING), passed_over, limit)
    return [row["id"] for row in rows]


async def end_useless(connection: Connection, messages: Sequence[UUID]) -> list[Ended]:
    """End those of the messages that are due and too late, or untrue by now."""
    rows = await connection.fetch(QUERIES["end_useless"], sorted(LIVING), messages)
    return [Ended.of(row) for row in rows]


async def silent(connection: Connection, passed_over: Sequence[UUID], limit: int) -> list[UUID]:
    """Give up to `limit` messages whose report of delivery is owed and didn't come in time."""
    rows = await connection.fetch(QUERIES["silent"], passed_over, limit)
    return [row["id"] for row in rows]


async def expire_silent(connection: Connection, messages: Sequence[UUID]) -> list[Ended]:
    """End those of the messages whose report of delivery is owed and didn't come in time."""
    return [Ended.of(row) for row in await connection.fetch(QUERIES["expire_silent"], messages)]


async def replan(connection: Connection, limit: int) -> tuple[int, int]:
    """Move up to `limit` messages whose times a clock that was ahead gave.

    Gives how many it looked at, and how many of them it moved.
    """
    rows = await connection.fetch(QUERIES["replan"], CLOCKS_DIFFER, LONGEST_PAUSE, limit)
    return len(rows), sum(row["moved"] for row in rows)


async def missed(connection: Connection, passed_over: Sequence[UUID], limit: int) -> list[UUID]:
    """Give up to `limit` messages that ended without delivery and have no next step yet."""
    rows = await connection.fetch(QUERIES["missed"], passed_over, limit)
    return [row["id"] for row in rows]


async def take_missed(connection: Connection, messages: Sequence[UUID]) -> list[Missed]:
    """Take messages that ended without delivery, each once."""
    return [
        Missed(
            id=row["id"],
            thread=row["thread"],
            name=row["name"],
            case_ref=row["case_ref"],
            contact_ref=row["contact_ref"],
            channel=Channel(row["channel"]),
            language=row["language"],
            traceparent=row["traceparent"],
            state=State(row["state"]),
            reason=FailureReason(row["reason"]),
            cause=row["cause"],
            cause_id=row["cause_id"],
            planned_at=row["planned_at"],
            expires_at=row["expires_at"],
            untrue=row["untrue"],
            tried=frozenset(map(Channel, row["tried"])),
        )
        for row in await connection.fetch(QUERIES["take_missed"], messages)
    ]


async def follow(connection: Connection, following: Sequence[Following]) -> set[UUID]:
    """Plan what another way is to tell; gives the ids of those that weren't known before."""
    if not following:
        return set()
    rows = await connection.fetch(
        QUERIES["follow"],
        [one.id for one in following],
        [one.missed.id for one in following],
        [one.channel for one in following],
    )
    return {row["id"] for row in rows}


async def open_tasks(connection: Connection, tasks: Sequence[Missed]) -> int:
    """Ask a person to tell what no message could; gives how many weren't asked for before."""
    if not tasks:
        return 0
    rows = await connection.fetch(
        QUERIES["open_tasks"],
        [one.thread for one in tasks],
        [one.id for one in tasks],
        [one.case_ref for one in tasks],
        [one.name for one in tasks],
        [one.reason for one in tasks],
    )
    return len(rows)


async def tasks(connection: Connection, limit: int) -> list[Task]:
    """Give up to `limit` open tasks, the oldest first."""
    return [
        Task(
            row["message"],
            row["case_ref"],
            row["name"],
            FailureReason(row["reason"]),
            row["opened_at"],
            row["amount"],
            row["why"],
        )
        for row in await connection.fetch(QUERIES["tasks"], limit)
    ]
