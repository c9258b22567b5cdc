"""What a person does with a message: send it once more, stop it, or tell what it could not.

Each is one transaction with its entry for the audit and the event that follows, so a command may be
interrupted at any time, and a repeated one finds that it was done.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid5

import asyncpg

from services.notify.announcing import SOURCE, publish_ends
from services.notify.message import Ended
from services.notify.operation.errors import (
    CannotResend,
    CannotStop,
    MessageNotFound,
    Obstacle,
    TaskNotFound,
)
from services.notify.operation.store import QUERIES
from services.notify.operation.written import Action
from services.notify.recipients.preferences import route
from services.notify.recipients.store import wishes as wishes_of
from services.notify.states import STOPPABLE, State
from shared.events.catalogue.notification import NotificationPlanned
from shared.events.event import new_event
from shared.events.vocabulary import Channel
from shared.postgres.pool import Connection
from shared.postgres.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Operator:
    """Who does it, and why; both stay in the database and never reach a topic."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it.

    Attributes:
        before: It had been done before; nothing was changed now.
        successor: The message that goes in its place.
    """

    action: Action
    before: bool
    successor: UUID | None = None


async def resend(
    connection: Connection, message: UUID, operator: Operator, *, dry_run: bool = False
) -> Done:
    """Plan a message that has ended once more, on its way, in its language, with its values.

    It goes to the address that its recipient has now, under an identity of its own, and names the
    earlier one as its cause. A message is sent once more at most once; its successor can be sent
    again in turn.

    Raises:
        MessageNotFound: There is no such message.
        CannotResend: It may still arrive, isn't true any more, is too late, nothing is kept, or its
            recipient can't or doesn't want to be reached on this way any more.
    """
    async with connection.transaction():
        row = await _locked(connection, message)
        if row["successor"] is not None:
            return Done(Action.RESENT, before=True, successor=row["successor"])
        if (refusal := _obstacle(row) or await _closed_way(connection, row)) is not None:
            raise refusal
        successor = uuid5(row["thread"], f"again:{message}")
        if not dry_run:
            cause = f"message:{message}"
            await connection.execute(QUERIES["resend"], successor, message, cause)
            await _note(connection, message, Action.RESENT, operator, successor)
            facts = NotificationPlanned(
                message_id=str(successor),
                message=row["name"],
                channel=Channel(row["channel"]),
                language=row["language"],
                cause=cause,
            )
            transaction = Transaction(connection)
            now = datetime.now(UTC)
            transaction.publish(
                new_event(SOURCE, row["case_ref"], facts, time=now, traceparent=row["traceparent"])
            )
            await transaction.flush()
    return Done(Action.RESENT, before=False, successor=successor)


async def stop(
    connection: Connection, message: UUID, operator: Operator, *, dry_run: bool = False
) -> Done:
    """End a message that waits, before it leaves. No other way is taken in its place.

    Raises:
        MessageNotFound: There is no such message.
        CannotStop: It has ended, or is being handed over.
    """
    async with connection.transaction():
        row = await _locked(connection, message)
        if row["stopped"]:
            return Done(Action.STOPPED, before=True)
        if row["state"] not in STOPPABLE or row["has_ended"]:
            raise CannotStop(message, State(row["state"]))
        if not dry_run:
            stopped = await connection.fetchrow(QUERIES["stop"], message, sorted(STOPPABLE))
            assert stopped is not None
            await _note(connection, message, Action.STOPPED, operator, None)
            transaction = Transaction(connection)
            publish_ends(transaction, [Ended.of(stopped)])
            await transaction.flush()
    return Done(Action.STOPPED, before=False)


async def tell(
    connection: Connection, message: UUID, operator: Operator, *, dry_run: bool = False
) -> Done:
    """Close the task about a message: somebody has told its recipient otherwise.

    What else the case missed for the same reason was told with it.

    Raises:
        TaskNotFound: Nobody was asked to.
    """
    async with connection.transaction():
        tasks = await connection.fetch(QUERIES["task_of"], message)
        if not tasks:
            raise TaskNotFound(message)
        if any(task["asked"] and task["done"] for task in tasks):
            return Done(Action.TOLD, before=True)
        if not dry_run:
            threads = [task["thread"] for task in tasks]
            await connection.execute(QUERIES["finish_tasks"], threads)
            await _note(connection, message, Action.TOLD, operator, None)
    return Done(Action.TOLD, before=False)


def _obstacle(row: asyncpg.Record) -> CannotResend | None:
    message: UUID = row["id"]
    if not row["has_ended"]:
        why = f"it is {row['state']} and may still arrive"
        return CannotResend(message, Obstacle.MAY_ARRIVE, why)
    if row["untrue"]:
        why = "it isn't true any more: something has happened in its case since"
        return CannotResend(message, Obstacle.UNTRUE, why)
    if row["too_late"]:
        return CannotResend(message, Obstacle.TOO_LATE, "it would come too late")
    if not row["readable"]:
        why = "what it told is not kept: its recipient was unknown or erased, or its age is over"
        return CannotResend(message, Obstacle.NOT_KEPT, why)
    return None


async def _closed_way(connection: Connection, row: asyncpg.Record) -> CannotResend | None:
    """Tell why nothing may go to the recipient on this way as they stand now."""
    ref, channel = row["contact_ref"], Channel(row["channel"])
    wishes = await wishes_of(connection, [ref], frozenset(Channel))
    way = route([channel], [row["language"]], wishes.get(ref))
    if way.reason is None:
        return None
    why = f"nothing may go to its recipient by {channel} now ({way.reason})"
    return CannotResend(row["id"], Obstacle.WAY_CLOSED, why, way.reason)


async def _locked(connection: Connection, message: UUID) -> asyncpg.Record:
    await connection.execute(QUERIES["lock_message"], message)
    row = await connection.fetchrow(QUERIES["for_intervention"], message)
    if row is None:
        raise MessageNotFound(message)
    return row


async def _note(
    connection: Connection,
    message: UUID,
    action: Action,
    operator: Operator,
    successor: UUID | None,
) -> None:
    await connection.execute(
        QUERIES["note_intervention"], message, action, successor, operator.name, operator.reason
    )
