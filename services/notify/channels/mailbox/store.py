"""What was opened for messages to mailboxes, and when its event log is looked at."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from services.notify.channels.mailbox.security_event import SecurityEvent
from services.notify.channels.mailbox.writing import Submission
from services.notify.states import State, reported_steps
from shared.events.vocabulary import Channel
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def submissions(connection: Connection, messages: Sequence[UUID]) -> dict[UUID, Submission]:
    """Give what was opened for messages at earlier tries, by message."""
    rows = await connection.fetch(QUERIES["submissions"], messages)
    return {row["message"]: Submission(row["submission_id"], row["case_id"]) for row in rows}


async def keep_submission(
    connection: Connection,
    message: UUID,
    opened: Submission,
    *,
    gone: Submission | None,
    look_after: timedelta,
) -> Submission:
    """Keep what was opened for a message; gives what holds: somebody else may have been faster.

    Args:
        connection: Not in a transaction: nothing may be put in before this is sure.
        message: Whose.
        opened: The new one.
        gone: One that the service doesn't know any more, to be replaced.
        look_after: When its event log is looked at for the first time.
    """
    await connection.execute(
        QUERIES["keep_submission"],
        message,
        opened.id,
        opened.case,
        gone and gone.id,
        look_after,
    )
    return (await submissions(connection, [message]))[message]


async def take_looks(
    connection: Connection,
    limit: int,
    first: timedelta,
    longest: timedelta,
    until: timedelta,
    *,
    passed_over: Sequence[UUID],
) -> dict[UUID, Submission]:
    """Take up to `limit` submissions whose event log is due, by message.

    Args:
        connection: The database.
        limit: How many at most.
        first: The pause after the first look; it doubles with each.
        longest: No pause is longer.
        until: How long after it was opened there is anything to be told.
        passed_over: Messages whose log isn't looked at.
    """
    deaf = sorted(set(State) - {before for before, _ in reported_steps(Channel.MAILBOX)})
    rows = await connection.fetch(
        QUERIES["take_looks"], limit, first, longest, until, deaf, passed_over
    )
    return {row["message"]: Submission(row["submission_id"], row["case_id"]) for row in rows}


async def put_off_looks(connection: Connection, messages: Sequence[UUID], after: timedelta) -> None:
    """Look once more, and soon, at event logs that couldn't be read."""
    if messages:
        await connection.execute(QUERIES["put_off_looks"], messages, after)


async def end_looks(connection: Connection, ended: Mapping[UUID, SecurityEvent]) -> None:
    """Look no more at the event logs of messages; keep what ended them, as it was signed."""
    if ended:
        await connection.execute(
            QUERIES["end_looks"],
            list(ended),
            [event.at for event in ended.values()],
            [event.proof for event in ended.values()],
        )
