"""Consumers broken on purpose."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError
from faststream import AckPolicy

from shared.kafka import burying, consumer, inbox, subscription
from shared.kafka.consumer import Consumer
from shared.kafka.records import Received, Record
from shared.kafka.sequencing import Arrangement, Position, arrange
from shared.postgres.pool import Connection, Pool


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
    """Commit a poll's offsets, then do its work."""
    consume = Consumer._consume

    async def hasty(self: Consumer, raw: Sequence[Record], member: Any) -> bool:
        ends = {TopicPartition(one.topic, one.partition): one.offset + 1 for one in raw}
        await self._commit(member, ends)
        return await consume(self, raw, member)

    patch.setattr(Consumer, "_consume", hasty)


def ack_first(patch: pytest.MonkeyPatch) -> None:
    """Let the framework commit offsets whenever its timer says so."""
    patch.setattr(subscription, "AckPolicy", SimpleNamespace(MANUAL=AckPolicy.ACK_FIRST))


def bare_ack(patch: pytest.MonkeyPatch) -> None:
    """Commit whatever was polled, also what failed."""

    async def everything(_: Consumer, member: Any, __: object) -> None:
        with suppress(CommitFailedError):
            await member.commit()

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


def dead_letters_not_published(patch: pytest.MonkeyPatch) -> None:
    """Record what was given up on, and tell nobody."""

    async def quiet(connection: Any, name: str, poison: Any) -> int:
        written = await burying.bury(connection, name, poison)
        await connection.execute("DELETE FROM outbox WHERE topic LIKE '%.dead-letter'")
        return written

    patch.setattr(consumer, "bury", quiet)


def default_parser(patch: pytest.MonkeyPatch) -> None:
    """Let the framework read the headers."""
    patch.setattr(subscription, "parse_without_headers", None)
