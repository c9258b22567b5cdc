"""How messages stand, as notify's database has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

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
