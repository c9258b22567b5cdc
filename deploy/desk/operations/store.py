"""What services haven't come to, as the database says."""

from collections.abc import Sequence

from shared.events.registry import Topic
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


async def unreached(connection: Connection, topics: Sequence[Topic]) -> int:
    """Count the events of topics that the service of this schema hasn't come to."""
    return int(await connection.fetchval(QUERIES["unreached"], topics))
