"""How messages stand, as notify's database has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.events.envelope import CLOCKS_DIFFER, PLANS_AHEAD
from shared.events.vocabulary import Channel
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class Living:
    """Messages of one channel that haven't ended; of them, those that nobody took in time."""

    living: int
    untaken: int


@dataclass(frozen=True, slots=True)
class Tasks:
    """Applicants whom a person must tell; `age` is that of the oldest one."""

    amount: int
    age: timedelta


@dataclass(frozen=True, slots=True)
class Far:
    """Messages that wait for a time at which no clock that is right would have sent them.

    Attributes:
        messages: How many.
        latest: The last of these times; None where there are none.
        case_ref: The case of that one.
    """

    messages: int = 0
    latest: datetime | None = None
    case_ref: str | None = None

    def __str__(self) -> str:
        """Say it in a line, with where to read on."""
        return (
            f"{self.messages:,} messages wait for a time implausibly far, the latest of "
            f"{self.case_ref} for {self.latest:%Y-%m-%d %H:%M} UTC: docs/operations/clocks.md"
        )


async def living(connection: Connection, late: timedelta) -> Mapping[Channel, Living]:
    """Count the messages that haven't ended; who is due for longer than `late` is untaken."""
    rows = await connection.fetch(QUERIES["living"], late)
    return {Channel(row["channel"]): Living(row["living"], row["untaken"]) for row in rows}


async def unfollowed(connection: Connection, late: timedelta) -> int:
    """Count the messages that failed longer than `late` ago and that nothing followed."""
    amount: int = await connection.fetchval(QUERIES["unfollowed"], late)
    return amount


async def tasks(connection: Connection) -> Tasks:
    """Count the tasks that nobody has done."""
    row = await connection.fetchrow(QUERIES["tasks"])
    assert row is not None  # a row of aggregates is always there
    return Tasks(row["amount"], row["now"] - (row["since"] or row["now"]))


async def far(connection: Connection) -> Far:
    """Find those that wait longer than anything is planned ahead, or were planned in the future."""
    row = await connection.fetchrow(QUERIES["far"], PLANS_AHEAD, CLOCKS_DIFFER)
    assert row is not None  # a row of aggregates is always there
    return Far(**row)
