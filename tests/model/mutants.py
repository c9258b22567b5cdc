"""The mechanism broken on purpose, each in one way that has cost somebody's data somewhere."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError

from shared.crash_points import CrashPoint
from shared.dead_letters import settlement
from shared.events.event import Event
from shared.kafka import burying, consumer, inbox, relay
from shared.kafka.consumer import Consumer
from shared.kafka.records import Received, Record
from shared.kafka.sequencing import Arrangement, Position, arrange
from shared.postgres import outbox
from shared.postgres.pool import Connection, Pool

Mutant = Callable[[pytest.MonkeyPatch], None]


def dedupe_off(patch: pytest.MonkeyPatch) -> None:
    """Apply what has been applied before."""

    def careless(batch: Sequence[Received], positions: Any, parked: Any) -> Arrangement:
        found = arrange(batch, positions, parked)
        found.apply[:0] = [
            one
            for one in batch
            if one.event.sequence <= positions.get(one.event.subject, Position(0)).last_sequence
        ]
        return found

    patch.setattr(consumer, "arrange", careless)


def gap_ignored(patch: pytest.MonkeyPatch) -> None:
    """Apply what comes early, as if nothing were missing."""

    def careless(batch: Sequence[Received], positions: Any, parked: Any) -> Arrangement:
        found = arrange(batch, positions, parked)
        for early in found.park:
            found.apply.append(early)
            found.reached[early.event.subject] = Position(early.event.sequence)
        found.park.clear()
        return found

    patch.setattr(consumer, "arrange", careless)


def parking_off(patch: pytest.MonkeyPatch) -> None:
    """Drop what comes early."""

    async def drop(*_: object) -> None:
        pass

    patch.setattr(inbox, "_park", drop)


def zombie_not_noticed(patch: pytest.MonkeyPatch) -> None:
    """Go on although another consumer was faster."""
    advance = inbox.advance

    async def careless(*arguments: Any) -> None:
        with suppress(inbox.RivalConsumer):
            await advance(*arguments)

    patch.setattr(inbox, "advance", careless)


def parked_rows_overlooked(patch: pytest.MonkeyPatch) -> None:
    """Guard a subject by its sequence only, though a rival may have parked events of it."""
    advance = inbox.advance

    async def careless(
        connection: Any, topic: str, arrangement: Arrangement, positions: Mapping[str, Position]
    ) -> None:
        now = await inbox.read_positions(connection, topic, arrangement.reached)
        unmoved = {
            subject: standing
            for subject, standing in now.items()
            if subject in positions and positions[subject].last_sequence == standing.last_sequence
        }
        await advance(connection, topic, arrangement, {**positions, **unmoved})

    patch.setattr(inbox, "advance", careless)


def released_stay_parked(patch: pytest.MonkeyPatch) -> None:
    """Leave rows of what was applied after waiting."""

    async def keep(*_: object) -> None:
        pass

    patch.setattr(inbox, "forget", keep)


def time_of_parked_lost(patch: pytest.MonkeyPatch) -> None:
    """Forget when a parked record came, and so which one it is."""
    read_parked = inbox.read_parked

    async def timeless(*arguments: Any) -> dict[str, dict[int, Received]]:
        return {
            subject: {
                sequence: one._replace(record=one.record._replace(timestamp=0))
                for sequence, one in waiting.items()
            }
            for subject, waiting in (await read_parked(*arguments)).items()
        }

    patch.setattr(inbox, "read_parked", timeless)


def offsets_before_the_database(patch: pytest.MonkeyPatch) -> None:
    """Tell Kafka that a batch is done, then do it: the framework's default."""
    consume = Consumer._consume

    async def hasty(self: Consumer, raw: Sequence[Any], member: Any) -> None:
        ends = {TopicPartition(one.topic, one.partition): one.offset + 1 for one in raw}
        await self._commit(member, ends)
        await consume(self, raw, member)

    patch.setattr(Consumer, "_consume", hasty)


def bare_ack(patch: pytest.MonkeyPatch) -> None:
    """Commit every position that was polled, also of what failed."""

    async def everything(self: Consumer, member: Any, _: object) -> None:
        with suppress(CommitFailedError):
            await member.commit(dict(member.positions))

    patch.setattr(Consumer, "_rewind", lambda *_: None)
    patch.setattr(Consumer, "_commit", everything)


def inbox_in_a_transaction_of_its_own(patch: pytest.MonkeyPatch) -> None:
    """Move a subject on before, and not with, the effects."""
    transaction, advance = Consumer._transaction, inbox.advance
    pool: ContextVar[Pool] = ContextVar("pool")

    async def with_pool(self: Consumer, *arguments: Any, **named: Any) -> None:
        pool.set(self._pool)
        await transaction(self, *arguments, **named)

    async def elsewhere(_: Connection, *rest: Any) -> None:
        async with pool.get().acquire() as other, other.transaction():
            await advance(other, *rest)

    patch.setattr(Consumer, "_transaction", with_pool)
    patch.setattr(inbox, "advance", elsewhere)


def cursor_relay(patch: pytest.MonkeyPatch) -> None:
    """Remember the last id instead of looking for the oldest row."""
    statement = outbox.QUERIES["read"].replace("FROM outbox", "FROM outbox WHERE id > $2")
    cursors: dict[str, int] = defaultdict(int)

    async def send_round(connection: Connection, broker: relay.Producer) -> int:
        service = await connection.fetchval("SELECT current_schema()")
        rows = await connection.fetch(statement, relay.BATCH, cursors[service])
        outcomes = await relay._send(broker, rows)
        acknowledged = relay._acknowledged(rows, outcomes)
        relay.crash_point(CrashPoint.RELAY_BEFORE_DELETE)  # type: ignore[attr-defined] # armed
        await connection.execute(outbox.QUERIES["delete_sent"], acknowledged)
        # As long as nothing fails it may be told from the true relay by late commits alone.
        cursors[service] = max([cursors[service], *acknowledged])
        return len(rows)

    patch.setattr(relay, "send_round", send_round)


def delete_before_ack(patch: pytest.MonkeyPatch) -> None:
    """Empty the outbox, then send."""

    async def send_round(connection: Connection, broker: relay.Producer) -> int:
        rows = await connection.fetch(outbox.QUERIES["read"], relay.BATCH)
        relay.crash_point(CrashPoint.RELAY_BEFORE_DELETE)  # type: ignore[attr-defined] # armed
        await connection.execute(outbox.QUERIES["delete_sent"], [row["id"] for row in rows])
        await relay._send(broker, rows)
        return len(rows)

    patch.setattr(relay, "send_round", send_round)


def refusals_not_heard(patch: pytest.MonkeyPatch) -> None:
    """Take every send of a round for acknowledged."""
    patch.setattr(relay, "_acknowledged", lambda rows, _: [row["id"] for row in rows])


def replay_at_a_new_place(patch: pytest.MonkeyPatch) -> None:
    """Send a dead letter as if it had just happened: at the end of its case."""
    repaired = settlement._repaired

    def moved(*arguments: Any) -> tuple[Record, Event]:
        record, event = repaired(*arguments)
        headers = [
            (name, b"%d" % (event.sequence + 1) if name == "ce_sequence" else value)
            for name, value in record.headers
        ]
        return record._replace(headers=headers), event

    patch.setattr(settlement, "_repaired", moved)


def discard_fills_no_place(patch: pytest.MonkeyPatch) -> None:
    """Forget a dead letter without letting its case go on."""

    async def nothing(*_: object) -> None:
        await asyncio.sleep(0)

    patch.setattr(settlement, "_stand_in", nothing)


def letters_settled_in_one_service(patch: pytest.MonkeyPatch) -> None:
    """Settle the letter of the service that was asked about, not those of the others."""
    open_letters = settlement._open_letters

    async def first(*arguments: Any) -> list[Any]:
        return (await open_letters(*arguments))[:1]

    patch.setattr(settlement, "_open_letters", first)


def dead_letters_not_published(patch: pytest.MonkeyPatch) -> None:
    """Record what was given up on, and tell nobody."""

    async def quiet(connection: Any, name: str, poison: Any) -> int:
        written = await burying.bury(connection, name, poison)
        await connection.execute("DELETE FROM outbox WHERE topic LIKE '%.dead-letter'")
        return written

    patch.setattr(consumer, "bury", quiet)


MUTANTS: tuple[Mutant, ...] = (
    dedupe_off,
    gap_ignored,
    parking_off,
    zombie_not_noticed,
    released_stay_parked,
    offsets_before_the_database,
    bare_ack,
    inbox_in_a_transaction_of_its_own,
    cursor_relay,
    delete_before_ack,
    refusals_not_heard,
    replay_at_a_new_place,
    discard_fills_no_place,
    letters_settled_in_one_service,
    dead_letters_not_published,
)
