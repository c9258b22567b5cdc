"""What the register says of the policy that holds."""

from dataclasses import dataclass
from datetime import date

from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A period and the version by which it is drawn, whatever is configured now."""

    period: str
    first_day: date
    version: str


async def recorded(connection: Connection, day: date) -> list[Recorded]:
    """Give the latest period that has begun by a day, and those opened ahead, the oldest first."""
    return [Recorded(**row) for row in await connection.fetch(QUERIES["recorded"], day)]
