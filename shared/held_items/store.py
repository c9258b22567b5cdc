"""Items that loops set aside: as a service keeps them, and as an operator sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from uuid import UUID

import asyncpg

from shared.configuration.places import SERVICES
from shared.observe.metrics import Loop
from shared.postgres.backlogs import Backlog
from shared.postgres.pool import Connection, Pool, enter_schema
from shared.postgres.queries import load

QUERIES = load(__file__)


class State(StrEnum):
    """What became of an item that a loop failed on."""

    HELD = "held"
    RETRYING = "retrying"
    DONE = "done"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Standing:
    """An item that a loop has to mind."""

    item: str
    state: State
    since: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """The audit entry: when, by whom and why an item was let go or given up."""

    at: datetime
    by: str
    because: str


@dataclass(frozen=True, slots=True)
class HeldItem:
    """One item that one loop failed on.

    Attributes:
        service: Whose loop.
        id: What commands call it.
        loop: Which.
        item: Its key in the loop's own table, mailbox or folder.
        reason: What went wrong the last time, without values.
        attempts: How often it was tried.
        first_failed_at: Since when it is known.
        last_failed_at: When it was tried last.
        state: What became of it.
        settlement: What an operator said of it last, if one did.
    """

    service: str
    id: UUID
    loop: str
    item: str
    reason: str
    attempts: int
    first_failed_at: datetime
    last_failed_at: datetime
    state: State
    settlement: Settlement | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an operator wants to become of an item, and why.

    Attributes:
        seen: The state in which they saw it, and in which alone they want that; None: in any.
    """

    state: State
    by: str
    because: str
    dry_run: bool = False
    seen: State | None = None

    def follows(self, before: State) -> bool:
        """Tell whether there is something to do; what went through is settled for good."""
        return self.is_open(before) and self.seen in (None, before)

    def is_open(self, before: State) -> bool:
        """Tell whether it could be done, however an item was seen."""
        return before not in (State.DONE, self.state)


class HeldItems:
    """A service's own held items; each call is a transaction of its own."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def standing(self, loop: Loop) -> list[Standing]:
        """Give what is passed over, and what is to be tried again."""
        rows = await self._pool.fetch(QUERIES["standing"], loop)
        return [Standing(item, State(state), since) for item, state, since in rows]

    async def hold(self, loop: Loop, item: str, reason: str) -> None:
        """Set an item aside."""
        await self._pool.execute(QUERIES["hold"], loop, item, reason)

    async def done(self, loop: Loop, items: Sequence[str]) -> None:
        """Note of items that were tried again that they went through."""
        await self._pool.execute(QUERIES["done"], loop, items)


async def find(
    connection: Connection,
    services: Sequence[str],
    *,
    loop: str | None = None,
    state: State | None = None,
    item: UUID | None = None,
    most: int | None = None,
) -> list[HeldItem]:
    """Give the held items of some services that match, at most so many, oldest first."""
    found = []
    async with connection.transaction():
        for service in services:
            await enter_schema(connection, service)
            rows = await connection.fetch(QUERIES["find"], loop, state, item, most)
            found += [_item(service, row) for row in rows]
    return sorted(found, key=attrgetter("first_failed_at"))[:most]


async def backlog(connection: Connection) -> Backlog:
    """Give how much is passed over in the schema that a connection is in, and for how long."""
    row = await connection.fetchrow(QUERIES["backlog"])
    assert row is not None  # an aggregate is always there
    return Backlog.since(row["items"], row["since"], row["now"])


async def settle(connection: Connection, item: UUID, wanted: Wanted) -> State | None:
    """Settle an item, whosever it is; gives the state it had, None if nobody has it."""
    async with connection.transaction():
        for service in SERVICES:
            await enter_schema(connection, service)
            found = await connection.fetchval(QUERIES["state_of"], item)
            if found is None:
                continue
            before = State(found)
            if wanted.follows(before) and not wanted.dry_run:
                await connection.execute(
                    QUERIES["settle"], item, wanted.state, wanted.by, wanted.because
                )
            return before
    return None


async def let_go(
    connection: Connection, loops: Sequence[Loop], item: str, by: str, because: str
) -> None:
    """Let some loops of a service try an item again, in the caller's transaction."""
    await connection.execute(QUERIES["let_go"], loops, item, by, because)


def _item(service: str, row: asyncpg.Record) -> HeldItem:
    settled = (row["settled_at"], row["settled_by"], row["settled_because"])
    return HeldItem(
        service,
        row["id"],
        row["loop"],
        row["item"],
        row["reason"],
        row["attempts"],
        row["first_failed_at"],
        row["last_failed_at"],
        State(row["state"]),
        Settlement(*settled) if row["settled_at"] else None,
    )
