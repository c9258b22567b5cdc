"""What providers report, and what it ends."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.notify.lanes import PATIENCE, Lane
from services.notify.message import Ended
from services.notify.recipients.store import suppressed
from services.notify.recipients.suppression import Hardness
from services.notify.reports.receipts import Report
from services.notify.states import WAITING, owes_report, reported_steps
from shared.events.vocabulary import Channel
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def report(
    connection: Connection, channel: Channel, reports: Sequence[Report], provider: str | None
) -> list[Ended]:
    """Move messages by what is reported of them, one report of each; gives those that moved.

    A provider that is named tells only of messages that it may have.
    """
    steps = reported_steps(channel)
    owed = PATIENCE if owes_report(channel) else {}
    rows = await connection.fetch(
        QUERIES["report"],
        channel,
        [one.message for one in reports],
        [one.receipt.state for one in reports],
        [one.receipt.reason for one in reports],
        [f"{before} {after}" for before, after in steps],
        owed.get(Lane.URGENT),
        owed.get(Lane.BULK),
        provider,
    )
    return [Ended.of(row) for row in rows]


async def settle(connection: Connection, arrived: Sequence[UUID]) -> list[Ended]:
    """Ask for nothing more where messages have arrived; gives what waited on other ways."""
    if not arrived:
        return []
    await connection.execute(QUERIES["close_tasks"], arrived)
    rows = await connection.fetch(QUERIES["end_superfluous"], arrived, sorted(WAITING))
    return [Ended.of(row) for row in rows]


async def blame(connection: Connection, bounced: Mapping[UUID, Hardness]) -> list[Ended]:
    """Note from which addresses messages came back; gives what waited for those now closed."""
    if not bounced:
        return []
    rows = await connection.fetch(
        QUERIES["blame"], list(bounced), [hardness.name for hardness in bounced.values()]
    )
    closed = await suppressed(connection, [row["contact_ref"] for row in rows])
    pairs = [(ref, channel) for ref, channels in closed.items() for channel in channels]
    ended = await connection.fetch(
        QUERIES["suppress_waiting"],
        [ref for ref, _ in pairs],
        [channel for _, channel in pairs],
        sorted(WAITING),
    )
    return [Ended.of(row) for row in ended]
