"""The audit log in the database: append, read, verify."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from pydantic_core import from_json, to_json

from services.controlling.audit import chain
from services.controlling.audit.chain import EMPTY, Head
from services.controlling.audit.entry import OPERATOR, Act, Detail, Entry, Link
from shared.postgres.paging import Listing, Number, Order, Page
from shared.postgres.pool import Connection, Pool
from shared.postgres.queries import load
from shared.postgres.transaction import Transaction

QUERIES = load(__file__)
BATCH = 5_000
# Any constant will do, as long as nobody else in this database uses it.
_CHAIN_LOCK = 0x6175646974


class Change(Transaction):
    """One transaction with the events that leave with it and the entries that tell of it."""

    __slots__ = ("_entries",)

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._entries: list[Entry] = []

    def note(self, *entries: Entry) -> None:
        """Write entries when, and only when, this transaction commits."""
        self._entries.extend(entries)

    async def finish(self) -> None:
        """Write events, then entries: the chain's lock is the last one that is taken."""
        await self.flush()
        await write(self.connection, *self._entries)
        self._entries.clear()


@asynccontextmanager
async def changing(pool: Pool) -> AsyncIterator[Change]:
    """Open a transaction; its events and entries are written at its end, or nothing is."""
    async with pool.acquire() as connection, connection.transaction():
        change = Change(connection)
        yield change
        await change.finish()


async def write(connection: Connection, *entries: Entry) -> None:
    """Append entries in the caller's transaction, as the last thing that it does.

    Who writes waits for everybody who has written and not yet committed.
    """
    if not entries:
        return
    await connection.execute(QUERIES["hold_chain"], _CHAIN_LOCK)
    last = await connection.fetchrow(QUERIES["end_of_chain"])
    assert last is not None
    head = EMPTY if last["number"] is None else Head(last["number"], last["hash"])
    links = []
    for entry in entries:
        links.append(chain.link(head, entry, last["at"]))
        head = Head(links[-1].number, links[-1].hash)
    await connection.execute(
        QUERIES["write_links"],
        [one.number for one in links],
        [one.at for one in links],
        [one.account for one in links],
        [one.role for one in links],
        [one.act for one in links],
        [one.object for one in links],
        [to_json(dict(one.detail)).decode() for one in links],
        [one.previous for one in links],
        [one.hash for one in links],
    )


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of following the chain; without breaks nothing was changed before its head."""

    head: Head
    breaks: tuple[str, ...]


async def verify(connection: Connection, kept: Head | None = None) -> Verified:
    """Follow the chain from its beginning, some thousand entries at a time.

    Args:
        connection: As controlling, or as the workbench.
        kept: A head that somebody noted earlier: it must be in the chain as it was.
    """
    head = EMPTY
    found: list[str] = []
    async for batch in links(connection):
        found += chain.breaks(batch, head)
        head = Head(batch[-1].number, batch[-1].hash)
    if kept is not None and kept != EMPTY:
        there = await connection.fetchval(QUERIES["hash_of_number"], kept.number)
        if there != kept.hash:
            state = "isn't there any more" if there is None else "is another one now"
            found.append(f"entry {kept.number}, whose hash was noted, {state}")
    return Verified(head, tuple(found))


async def verify_and_note(pool: Pool, kept: Head | None = None) -> Verified:
    """Follow the chain, and write down until where it was found whole."""
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        found = await verify(connection, kept)
    if not found.breaks:
        async with changing(pool) as change:
            until: Detail = {"number": found.head.number}
            change.note(Entry(None, OPERATOR, Act.CHAIN_VERIFIED, "audit", until))
    return found


async def links(connection: Connection) -> AsyncIterator[Sequence[Link]]:
    """Give all entries in their order, some at once."""
    number = EMPTY.number
    while rows := await connection.fetch(QUERIES["links_after"], number, BATCH):
        yield [Link(**{**row, "detail": from_json(row["detail"])}) for row in rows]
        number = rows[-1]["number"]


async def head_of(connection: Connection) -> Head:
    """Give the last entry's place and hash."""
    last = await connection.fetchrow(QUERIES["end_of_chain"])
    assert last is not None
    return EMPTY if last["number"] is None else Head(last["number"], last["hash"])


@dataclass(frozen=True, slots=True)
class Mark:
    """Until which entry the chain was found whole, and when somebody looked."""

    number: int
    at: datetime


async def last_verified(connection: Connection) -> Mark | None:
    """Tell until where the chain was followed last; None: nobody has yet."""
    row = await connection.fetchrow(QUERIES["last_verified"])
    return None if row is None else Mark(**row)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are asked for; what is None doesn't narrow it.

    Attributes:
        text: What was done by somebody whose name or login holds it,
        objects: or with one of these.
    """

    text: str | None = None
    objects: Sequence[str] | None = None
    acts: Sequence[Act] | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as people read it.

    Attributes:
        concerned: The name on the account that was changed, or was given a review.
    """

    number: int
    at: datetime
    name: str | None
    role: str | None
    act: str
    object: str
    concerned: str | None
    detail: Detail


LOG = Listing(
    QUERIES["page_of_log"], {"number": Number}, unique={"number": Number}, usual="-number"
)


async def page(connection: Connection, wanted: Filter, order: Order) -> Page[Told]:
    """Give entries, the newest first unless they are asked for the other way round."""
    named = []
    if wanted.text is not None:
        named = await connection.fetch(QUERIES["accounts_named"], wanted.text)
    found = await LOG.page(
        connection,
        order,
        wanted.objects,
        [row["id"] for row in named],
        None if wanted.acts is None else [act.value for act in wanted.acts],
        wanted.since,
        wanted.until,
    )
    return found.each(lambda row: Told(**{**row, "detail": from_json(row["detail"])}))
