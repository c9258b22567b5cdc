"""What an operator does about a dead letter: send it again, give it up for ever, or neither.

Each letter is settled in one transaction that also puts the record into the outbox of the service
that writes its topic. So nothing can be lost between the two, a command may be interrupted at any
time, and a repeated one finds the letter settled. All services that gave up on the same record are
settled together, because all of them read what is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from shared.configuration.places import SERVICES
from shared.dead_letters.claimed_event import is_in_time, moved
from shared.dead_letters.errors import (
    DeadLetterUnknown,
    IdentityChanged,
    NeverNumbered,
    OneOfOurs,
    PlaceTaken,
    PlaceUnknown,
    SettledOtherwise,
    StillComing,
    StillPoison,
    TimeUnfit,
)
from shared.dead_letters.store import (
    QUERIES,
    DeadLetter,
    Filter,
    State,
    find,
    writer_of,
)
from shared.events.catalogue.case import EventDiscarded
from shared.events.errors import EventError
from shared.events.event import SUBJECT_PATTERNS, Event, decode, new_event
from shared.events.kafka_binding import from_kafka
from shared.events.registry import CATALOGUE
from shared.kafka.records import Poison, Record, read
from shared.postgres import outbox
from shared.postgres.outbox import OutboxRecord
from shared.postgres.pool import Connection, enter_schema

SOURCE = "urn:gleichfall:operator"
_CASE = SUBJECT_PATTERNS[CATALOGUE[EventDiscarded.event_type].subject]


class Outcome(StrEnum):
    """What a command did with one dead letter."""

    REPLAYED = "replayed"
    DISCARDED = "discarded"
    ACKNOWLEDGED = "acknowledged"
    REOPENED = "reopened"
    SETTLED_BEFORE = "settled before"


@dataclass(frozen=True, slots=True)
class Operator:
    """Who settles a dead letter, and why; both stay in the database and never reach a topic."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Repair:
    """What to change before a record is sent again.

    Attributes:
        value: The new value; None keeps the old one.
        headers: Headers to set.
        dropped: Headers to leave out.
    """

    value: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()

    def apply(self, record: Record) -> Record:
        """Give the record as it will be sent."""
        gone = self.dropped | self.headers.keys()
        kept = [(name, value) for name, value in record.headers if name not in gone]
        new = [(name, text.encode()) for name, text in self.headers.items()]
        value = record.value if self.value is None else self.value
        return record._replace(headers=[*kept, *new], value=value)


async def replay(
    connection: Connection,
    letter_id: UUID,
    repair: Repair,
    operator: Operator,
    *,
    dry_run: bool = False,
) -> Outcome:
    """Send a dead letter again, at its old place in its case.

    Consumers that have applied the place before drop it as a repeat; those that wait for it apply
    it and everything parked behind it.

    Raises:
        DeadLetterUnknown: no service has it.
        StillPoison: it would be given up on again.
        IdentityChanged, TimeUnfit: it would be another event than the one given up on.
        NeverNumbered: its place has not been given out.
        PlaceTaken: every consumer would drop it.
        SettledOtherwise: somebody has discarded or acknowledged it.
    """
    async with connection.transaction():
        letters = await _open_letters(connection, letter_id, State.REPLAYED)
        if not letters:
            return Outcome.SETTLED_BEFORE
        record, event = _repaired(letters[0], repair)
        if not await _is_awaited(connection, letters, event.subject, event.sequence):
            raise PlaceTaken(letter_id, event.subject, event.sequence)
        if not dry_run:
            sent = OutboxRecord(record.topic, record.key, record.headers, record.value)
            await _settle(
                connection, letters, State.REPLAYED, operator, sent, sequence=event.sequence
            )
    return Outcome.REPLAYED


async def discard(
    connection: Connection,
    letter_id: UUID,
    operator: Operator,
    *,
    sequence: int | None = None,
    dry_run: bool = False,
) -> Outcome:
    """Give a dead letter up for ever.

    Where it left a gap, an event that says so takes its place: the consumer itself moves on, in its
    own transaction and in order, and applies what is parked behind.

    Args:
        connection: The operator's.
        letter_id: Which.
        operator: Who, and why.
        sequence: Its place in its case, where the record's own header can't be read.
        dry_run: Check everything, change nothing.

    Raises:
        DeadLetterUnknown: no service has it.
        NeverNumbered: its place has not been given out.
        PlaceUnknown: it belongs to a case with a gap, and nobody said which event it was.
        SettledOtherwise: somebody has replayed or acknowledged it.
    """
    async with connection.transaction():
        letters = await _open_letters(connection, letter_id, State.DISCARDED)
        if not letters:
            return Outcome.SETTLED_BEFORE
        stand_in = await _stand_in(connection, letters, sequence)
        if not dry_run:
            await _settle(
                connection, letters, State.DISCARDED, operator, stand_in, sequence=sequence
            )
    return Outcome.DISCARDED


async def acknowledge(
    connection: Connection,
    letter_id: UUID,
    operator: Operator,
    *,
    dry_run: bool = False,
) -> Outcome:
    """Close the entry of a record that somebody else wrote on a topic of ours.

    Nothing is sent: the place that it claims stays free for the event to come.

    Raises:
        DeadLetterUnknown: no service has it.
        OneOfOurs: its place was given out, or nobody can tell.
        SettledOtherwise: somebody has replayed or discarded it.
    """
    async with connection.transaction():
        letters = await _open_letters(connection, letter_id, State.ACKNOWLEDGED)
        if not letters:
            return Outcome.SETTLED_BEFORE
        letter = letters[0]
        if letter.subject is None or letter.sequence is None:
            raise OneOfOurs(letter_id)
        if letter.sequence <= await _numbered(connection, letters, letter.subject):
            raise OneOfOurs(letter_id)
        if not dry_run:
            await _settle(connection, letters, State.ACKNOWLEDGED, operator, None, sequence=None)
    return Outcome.ACKNOWLEDGED


async def reopen(
    connection: Connection,
    letter_id: UUID,
    operator: Operator,
    *,
    dry_run: bool = False,
) -> Outcome:
    """Open the entry of a record again that was sent once more and never arrived.

    Where it is on its way after all, sending it twice does no harm: consumers drop the repeat.

    Raises:
        DeadLetterUnknown: no service has it.
        StillComing: it is in the outbox, or every service is past its place.
        SettledOtherwise: somebody has discarded or acknowledged it.
    """
    async with connection.transaction():
        known = await _locked(connection, letter_id)
        _refuse_other_than(State.REPLAYED, known)
        lost = [letter for letter in known if await _is_lost(connection, letter)]
        if not lost and all(letter.state is State.OPEN for letter in known):
            return Outcome.SETTLED_BEFORE
        if not lost:
            raise StillComing(letter_id)
        if not dry_run:
            for letter in lost:
                await enter_schema(connection, letter.service)
                await connection.execute(
                    QUERIES["reopen"], letter_id, operator.name, operator.reason
                )
    return Outcome.REOPENED


async def _locked(connection: Connection, letter_id: UUID) -> list[DeadLetter]:
    """Give the letter of each service that has it, locked until the transaction ends."""
    for service in SERVICES:
        await enter_schema(connection, service)
        await connection.fetchval(QUERIES["lock"], letter_id)
    known = await find(connection, Filter(id=letter_id))
    if not known:
        raise DeadLetterUnknown(letter_id)
    return known


async def _open_letters(connection: Connection, letter_id: UUID, wanted: State) -> list[DeadLetter]:
    """Give the letter of each service in which it is open; none: all are as they are wanted.

    Raises:
        SettledOtherwise: none is open, and one is settled in another way.
    """
    known = await _locked(connection, letter_id)
    still_open = [letter for letter in known if letter.state is State.OPEN]
    if not still_open:
        _refuse_other_than(wanted, known)
    return still_open


def _refuse_other_than(wanted: State, known: Sequence[DeadLetter]) -> None:
    for letter in known:
        if letter.settlement is not None and letter.state is not wanted:
            raise SettledOtherwise(letter.id, letter.state, letter.settlement)


async def _is_lost(connection: Connection, letter: DeadLetter) -> bool:
    """Tell whether what was sent again has left the outbox, and the place is empty all the same."""
    if letter.state is not State.REPLAYED or letter.subject is None or letter.sequence is None:
        return False
    await enter_schema(connection, writer_of(letter.record.topic))
    if await connection.fetchval(QUERIES["waits_in_outbox"], letter.outbox_id):
        return False
    return await _least_reached(connection, [letter], letter.subject) < letter.sequence


def _repaired(letter: DeadLetter, repair: Repair) -> tuple[Record, Event]:
    """Give the record to send and its event, read as every consumer will read it."""
    record = repair.apply(letter.record)
    try:
        subject = decode(from_kafka(record.headers, record.value)).subject
    except EventError as error:
        raise StillPoison(letter.id, error) from None
    # The key is the subject; where it wasn't, just that had to be repaired.
    found = read(record._replace(key=subject.encode()))
    if isinstance(found, Poison):
        raise StillPoison(letter.id, found.error)
    if changed := list(moved(letter.record, found.event)):
        raise IdentityChanged(letter.id, changed)
    if not is_in_time(found.event.time, letter.record):
        raise TimeUnfit(letter.id, found.event.time)
    return found


async def _stand_in(
    connection: Connection, letters: Sequence[DeadLetter], sequence: int | None
) -> OutboxRecord | None:
    """Give the record that takes the place of a discarded one, where a consumer waits for it."""
    letter = letters[0]
    place, subject = letter.sequence or sequence, letter.subject
    if subject is None or not _CASE.fullmatch(subject):
        return None  # it belongs to no case, so no case waits for it
    if place is None:
        if await _is_complete(connection, letters, subject):
            return None
        raise PlaceUnknown(letter.id, subject)
    if not await _is_awaited(connection, letters, subject, place):
        return None
    facts = EventDiscarded(dead_letter=str(letter.id))
    event = new_event(SOURCE, subject, facts, time=datetime.now(UTC))
    return outbox.record(event._replace(sequence=place))


async def _is_awaited(
    connection: Connection, letters: Sequence[DeadLetter], subject: str, sequence: int
) -> bool:
    """Tell whether a service that gave the record up has not come past its place.

    A place that was given out has its record before ours in the outbox, so ours can never
    displace it; one that wasn't would be taken from the event still to come.
    """
    numbered = await _numbered(connection, letters, subject)
    if sequence > numbered:
        raise NeverNumbered(letters[0].id, subject, sequence, numbered)
    return await _least_reached(connection, letters, subject) < sequence


async def _is_complete(connection: Connection, letters: Sequence[DeadLetter], subject: str) -> bool:
    numbered = await _numbered(connection, letters, subject)
    return await _least_reached(connection, letters, subject) >= numbered


async def _numbered(connection: Connection, letters: Sequence[DeadLetter], subject: str) -> int:
    topic = letters[0].record.topic
    await enter_schema(connection, writer_of(topic))
    return int(await connection.fetchval(QUERIES["numbered"], topic, subject))


async def _least_reached(
    connection: Connection, letters: Sequence[DeadLetter], subject: str
) -> int:
    reached = []
    for letter in letters:
        await enter_schema(connection, letter.service)
        topic = letter.record.topic
        reached.append(int(await connection.fetchval(QUERIES["reached"], topic, subject)))
    return min(reached)


async def _settle(
    connection: Connection,
    letters: Sequence[DeadLetter],
    state: State,
    operator: Operator,
    sent: OutboxRecord | None,
    *,
    sequence: int | None,
) -> None:
    """Send the record, if any, and write the audit entry, both or neither."""
    outbox_id = None
    if sent is not None:
        await enter_schema(connection, writer_of(sent.topic))
        [(outbox_id,)] = await outbox.write(connection, [sent])
    for letter in letters:
        await enter_schema(connection, letter.service)
        await connection.execute(
            QUERIES["settle"],
            letter.id,
            state,
            operator.name,
            operator.reason,
            outbox_id,
            sequence,
        )
