"""The ledger of accepted events, and the step that accepts them."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from services.intake.errors import LedgerContended
from services.intake.fingerprint import fingerprint
from services.intake.imported_logs import Announcement, Imported, Noted, compare
from services.intake.keys import Keys
from services.intake.outcome import SENT_AT_ONCE, SentEvent
from services.intake.ownership.store import (
    contacts_of_others,
    foreign,
    is_contact_of,
    note_contacts,
)
from services.intake.receipts import Entry, EventKey, Receipt, newcomers, overdue, returners, settle
from services.intake.screening import Candidate, Refusal
from services.intake.unlisted import store as unlisted
from shared.events.catalogue.case import DecisionMade
from shared.events.catalogue.office import DecisionsCounted
from shared.events.event import Event
from shared.postgres import outbox
from shared.postgres.errors import TRANSIENT, DatabaseUnreachable
from shared.postgres.pool import Connection, Pool
from shared.postgres.queries import load
from shared.security.identity import SourceSystem

QUERIES = load(__file__)
Subject = tuple[str, str]
"""Whatever is numbered by itself: a topic, and a case or an office in it."""

_ATTEMPTS = 5
_PATIENCE = timedelta(seconds=10)
_FULL_TOLD = timedelta(minutes=1)
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What the ledger tells about one event."""

    type: str
    subject: str
    sequence: int
    accepted_at: datetime
    published: bool


class Ledger:
    """Every event ever accepted, known by source and id.

    Args:
        pool: Connections of intake's role.
        where: The database's address without credentials, for messages.
    """

    def __init__(self, pool: Pool, where: str) -> None:
        self._pool = pool
        self._where = where
        self._noted: set[unlisted.Found] = set()
        self._full: tuple[float, DatabaseUnreachable] | None = None

    async def check(self) -> None:
        """Be ready unless the disk was full a moment ago: a look at the database wouldn't tell.

        Raises:
            DatabaseUnreachable: it was, and nothing could be kept since.
        """
        if self._full is not None:
            at, error = self._full
            if time.monotonic() - at < _FULL_TOLD.total_seconds():
                raise error.with_traceback(None)

    async def accept(
        self, candidates: Sequence[Candidate], system: SourceSystem
    ) -> tuple[list[Receipt], list[Refusal]]:
        """Enter and number new events and put them into the outbox, in one transaction.

        When this returns, it is committed. Seven statements at most, whatever the number of events;
        five for a system that may speak of others' cases.

        Raises:
            DatabaseUnreachable: nothing is known of the outcome; sending again is safe.
            LedgerContended: others kept entering the same events; nothing was done.
        """
        if not candidates:
            return [], []
        for _ in range(_ATTEMPTS):
            try:
                async with self._connection() as connection, connection.transaction():
                    answers = await _accept(connection, candidates, system)
                    noted = await self._note_unlisted(connection, answers[0])
            except asyncpg.UniqueViolationError:
                continue  # another request entered one of our events between our look and our step
            self._full = None
            if len(self._noted) < _REMEMBERED:
                self._noted |= noted
            return answers
        raise LedgerContended(_ATTEMPTS)

    async def _note_unlisted(
        self, connection: Connection, receipts: Sequence[Receipt]
    ) -> set[unlisted.Found]:
        """Note keys that no list has; gives those that this process hadn't noted yet."""
        keys = {(one.source, *key) for one in receipts for key in one.unlisted}
        found = keys - self._noted
        if found:
            await unlisted.note(connection, found)
        return found

    async def forget_listed(self, keys: Keys) -> None:
        """Forget keys that were in no list and are by now: nobody need see to them any more.

        Raises:
            DatabaseUnreachable: nothing is known of the outcome.
        """
        async with self._connection() as connection, connection.transaction():
            await unlisted.forget_listed(connection, keys)

    async def find(self, source: str, event_id: str) -> LedgerRow | None:
        """Look one event up.

        Raises:
            DatabaseUnreachable: PostgreSQL is away.
        """
        async with self._connection() as connection:
            row = await connection.fetchrow(QUERIES["find"], source, event_id)
        return None if row is None else LedgerRow(**row)

    async def begin_import(self, announcement: Announcement) -> Imported:
        """Say what is known of a log, and note what its import says.

        Raises:
            KeysWouldChange: It would double what was sent; nothing was noted.
            DatabaseUnreachable: PostgreSQL is away.
        """
        source = announcement.source
        async with self._connection() as connection, connection.transaction():
            row = await connection.fetchrow(QUERIES["imported_log"], source)
            counts = await connection.fetch(QUERIES["count_events"], source)
            before = None if row is None else Noted(**row)
            known = compare(announcement, before, {one["type"]: one["events"] for one in counts})
            note = (source, announcement.keys, announcement.mapping)
            await connection.execute(QUERIES["note_import"], *note)
        return known

    async def sent_events(self, source: str, after: str) -> list[SentEvent]:
        """Give some of a source's events, in the order of their ids, behind one of them.

        Raises:
            DatabaseUnreachable: PostgreSQL is away.
        """
        async with self._connection() as connection:
            rows = await connection.fetch(QUERIES["sent_events"], source, after, SENT_AT_ONCE)
        return [SentEvent(**row) for row in rows]

    async def bring_contacts(
        self, contacts: Sequence[str], named: Sequence[str], system: SourceSystem
    ) -> frozenset[str]:
        """Note whose contacts these are; when some are another system's, give those instead.

        Args:
            contacts: What the system brings.
            named: Others whom these contacts name.
            system: Which one.

        Raises:
            DatabaseUnreachable: nothing is known of the outcome; bringing them again is safe.
        """
        async with self._connection() as connection, connection.transaction():
            if not system.others:
                spoken_of = [*contacts, *named]
                strange = await contacts_of_others(connection, spoken_of, system)
                if strange:
                    return strange
            await note_contacts(connection, contacts, system)
        return frozenset()

    async def owns_contact(self, contact: str, system: SourceSystem) -> bool:
        """Tell whether a contact is a system's, or the system may for others, too.

        Raises:
            DatabaseUnreachable: PostgreSQL is away.
        """
        if system.others:
            return True
        async with self._connection() as connection:
            return await is_contact_of(connection, contact, system)

    async def backlog(self, limit: int) -> int:
        """Count the events that wait for Kafka, up to `limit`.

        Raises:
            DatabaseUnreachable: PostgreSQL is away.
        """
        async with self._connection() as connection:
            return int(await connection.fetchval(outbox.QUERIES["depth"], limit))

    async def noted_units(self) -> list[str]:
        """Give the units that decisions were accepted of since the last time.

        Raises:
            DatabaseUnreachable: nothing is known.
        """
        async with self._connection() as connection:
            return [unit for (unit,) in await connection.fetch(QUERIES["noted_units"])]

    async def add_up_decisions(
        self,
        units: Sequence[str],
        zone: ZoneInfo,
        candidate: Callable[[int, DecisionsCounted], Candidate],
    ) -> None:
        """Add up the decisions accepted since the last time, and enter the counts as events.

        Args:
            units: Whose.
            zone: Where the weeks begin.
            candidate: Makes an event of a count.

        Raises:
            DatabaseUnreachable: nothing is known of the outcome.
        """
        async with self._connection() as connection, connection.transaction():
            rows = await connection.fetch(QUERIES["add_up_decisions"], zone.key, units)
            counts = [candidate(place, DecisionsCounted(**row)) for place, row in enumerate(rows)]
            await _enter(connection, newcomers(counts, {}))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        try:
            async with self._pool.acquire(timeout=_PATIENCE.total_seconds()) as connection:
                yield connection
        except TRANSIENT as error:
            told = DatabaseUnreachable(self._where, error)
            if isinstance(error, asyncpg.DiskFullError):
                self._full = time.monotonic(), told
            raise told from error


async def adopt(
    connection: Connection, events: Sequence[Event], numbered: Mapping[Subject, int]
) -> AbstractSet[Subject]:
    """Enter events that are in Kafka already, with the numbers that they have there.

    Args:
        connection: In a transaction, in intake's schema.
        events: Of the subjects in `numbered`.
        numbered: How far each was numbered when somebody looked: their numbers go on behind that
            and behind their events.

    Returns:
        The subjects of which nothing was numbered meanwhile; of others nothing was entered.
    """
    reached = dict(numbered)
    for event in events:
        reached[subject_of(event)] = max(reached[subject_of(event)], event.sequence)
    rows = await connection.fetch(
        QUERIES["take_numbers"],
        [topic for topic, _ in numbered],
        [subject for _, subject in numbered],
        [*numbered.values()],
        [*reached.values()],
    )
    taken = {(topic, subject) for topic, subject in rows}
    entered = [event for event in events if subject_of(event) in taken]
    await _note(connection, QUERIES["enter"], entered, [0] * len(entered))
    await _tally(connection, entered)
    return taken


async def number_again(connection: Connection, events: Sequence[Event], *, known: bool) -> None:
    """Give events the next numbers of their subjects, with which they leave.

    Args:
        connection: In a transaction, in intake's schema.
        events: Those that lose the numbers that they have.
        known: Whether the ledger has them.
    """
    numbered = await outbox.number(connection, events)
    published = await outbox.write(connection, [outbox.record(event) for event in numbered])
    rows = [outbox_id for (outbox_id,) in published]
    await _note(connection, QUERIES["move" if known else "enter"], numbered, rows)
    if not known:
        await _tally(connection, numbered)


async def _note(
    connection: Connection, query: str, events: Sequence[Event], outbox_ids: Sequence[int]
) -> None:
    rows = sorted(
        (one.source, one.id, one.data.event_type, one.subject, one.sequence, fingerprint(one), row)
        for one, row in zip(events, outbox_ids, strict=True)
    )
    if rows:
        await connection.execute(query, *zip(*rows, strict=True))


def subject_of(event: Event) -> Subject:
    """Say whose numbers an event has."""
    return str(event.type.topic), event.subject


async def _accept(
    connection: Connection, candidates: Sequence[Candidate], system: SourceSystem
) -> tuple[list[Receipt], list[Refusal]]:
    strange = await foreign(connection, candidates, system)
    if strange:
        candidates = _without(candidates, strange)
    known = await _known(connection, candidates)
    if late := overdue(candidates, known):
        candidates = _without(candidates, late)
    entered = await _enter(connection, newcomers(candidates, known))
    returned = await _fill(connection, returners(candidates, known), known)
    receipts, reused = settle(candidates, known, entered | returned)
    return receipts, strange + late + reused


def _without(candidates: Sequence[Candidate], refused: Sequence[Refusal]) -> list[Candidate]:
    places = {one.place for one in refused}
    return [one for one in candidates if one.place not in places]


async def _known(connection: Connection, candidates: Sequence[Candidate]) -> dict[EventKey, Entry]:
    rows = await connection.fetch(
        QUERIES["known"],
        [candidate.event.source for candidate in candidates],
        [candidate.event.id for candidate in candidates],
    )
    return {(source, id_): Entry(*entry) for source, id_, *entry in rows}


async def _fill(
    connection: Connection, returned: Mapping[EventKey, Candidate], known: Mapping[EventKey, Entry]
) -> dict[EventKey, Entry]:
    """Put events that were asked for again into the outbox, at the places that they had."""
    if not returned:
        return {}
    entries = {key: known[key] for key in returned}
    records = [
        outbox.record(one.event._replace(sequence=entries[key].sequence))
        for key, one in returned.items()
    ]
    published = await outbox.write(connection, records)
    rows = [(*key, outbox_id) for key, (outbox_id,) in zip(returned, published, strict=True)]
    await connection.execute(QUERIES["come_again"], *zip(*rows, strict=True))
    return entries


async def _enter(
    connection: Connection, new: Mapping[EventKey, Candidate]
) -> dict[EventKey, Entry]:
    """Number new events, put them into the outbox and into the ledger.

    Everybody locks subjects first, in order, then names, in order, so nobody waits in a circle.
    """
    if not new:
        return {}
    numbered = await outbox.number(connection, [candidate.event for candidate in new.values()])
    published = await outbox.write(connection, [outbox.record(event) for event in numbered])
    rows = sorted(
        (source, id_, event.data.event_type, event.subject, event.sequence, print_, outbox_id)
        for (source, id_), event, print_, (outbox_id,) in zip(
            new, numbered, (c.fingerprint for c in new.values()), published, strict=True
        )
    )
    await connection.execute(QUERIES["enter"], *zip(*rows, strict=True))
    await _tally(connection, numbered)
    return {
        key: Entry(candidate.fingerprint, event.sequence)
        for (key, candidate), event in zip(new.items(), numbered, strict=True)
    }


async def _tally(connection: Connection, events: Sequence[Event]) -> None:
    """Note how many decisions there are, by unit and hour."""
    found = Counter(
        (event.data.unit, event.time.replace(minute=0, second=0, microsecond=0))
        for event in events
        if isinstance(event.data, DecisionMade)
    )
    if found:
        units, hours = zip(*found, strict=True)
        await connection.execute(QUERIES["tally_decisions"], units, hours, list(found.values()))
