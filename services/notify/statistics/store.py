"""What became of the messages of some days, as the database has them."""

from collections.abc import Sequence
from datetime import datetime

from services.notify.states import State
from services.notify.statistics.table import Counted, Part
from shared.events.vocabulary import Channel, FailureReason
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def planned_between(
    connection: Connection, since: datetime, until: datetime
) -> Sequence[Counted]:
    """Count the messages that were planned for these days, as they stand now."""
    return [
        Counted(
            Part(
                row["name"],
                Channel(row["channel"]),
                State(row["state"]),
                FailureReason(row["reason"]) if row["reason"] else None,
                row["has_left"],
            ),
            row["messages"],
            row["cases"],
        )
        for row in await connection.fetch(QUERIES["planned_between"], since, until)
    ]
