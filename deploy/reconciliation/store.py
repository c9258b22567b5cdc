"""What the last look found, kept for those who weren't there."""

from dataclasses import dataclass
from datetime import datetime

from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class Last:
    """The last look.

    Attributes:
        at: When.
        missing: Events that nothing accounted for.
        surplus: Cases of which more was applied than accepted.
        unknown: Cases of which Kafka held what intake didn't know.
        overrun: Partitions that ended before what was read of them.
    """

    at: datetime
    missing: int
    surplus: int
    unknown: int
    overrun: int

    @property
    def holds(self) -> bool:
        """Whether everything was accounted for."""
        return not (self.missing or self.surplus or self.unknown or self.overrun)


async def keep(
    connection: Connection, *, missing: int, surplus: int, unknown: int, overrun: int
) -> None:
    """Note how much was found, in the place of what was found before."""
    await connection.execute(QUERIES["keep"], missing, surplus, unknown, overrun)


async def last(connection: Connection) -> Last | None:
    """Give what was found last; None: nobody has looked yet."""
    row = await connection.fetchrow(QUERIES["last"])
    return None if row is None else Last(**row)
