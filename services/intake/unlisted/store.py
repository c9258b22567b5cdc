"""Keys that no list has, in the database: work for operators."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from services.intake.keys import Keys, Unlisted
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)
Found = tuple[str, str, str]
"""Source, field and key."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A key that waits for a list, and since when."""

    source: str
    field: str
    key: str
    first_at: datetime


async def note(connection: Connection, keys: Collection[Found]) -> None:
    """Note such keys; those that are noted stay as they are."""
    await connection.execute(QUERIES["note"], *zip(*sorted(keys), strict=True))


async def every(connection: Connection) -> list[Waiting]:
    """Give all of them, by source and field."""
    return [Waiting(**row) for row in await connection.fetch(QUERIES["every"])]


async def forget_listed(connection: Connection, keys: Keys) -> None:
    """Forget those that a list has by now: nobody need see to them any more."""
    waiting = {Unlisted(one.field, one.key) for one in await every(connection)}
    if listed := sorted(one for one in waiting if keys.lists(one)):
        await connection.execute(QUERIES["forget"], *zip(*listed, strict=True))
