"""Deliberate faults of the product, to prove that a storm finds them.

`python -m tests.chaos.mutation dedupe-off serve controlling …` runs the product with one of them.
Each is what somebody could write in good faith, or what a framework does by default.
"""

import asyncio
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from faststream import AckPolicy

from deploy.command_line import main as gleichfall
from shared.kafka import consumer, inbox, relay, subscription
from shared.kafka.consumer import Consumer
from shared.kafka.records import Received, Record
from shared.kafka.relay import Relay, RelayReport
from shared.kafka.sequencing import Arrangement, Position, arrange
from shared.postgres import outbox
from shared.postgres.outbox import OutboxRecord
from shared.postgres.pool import Connection

SLOW = timedelta(milliseconds=100)
SLOW_SHARE = 0.05


class Mutant(StrEnum):
    """What is broken."""

    NOTHING = "the product itself"
    DEDUPE_OFF = "dedupe off"
    ACK_FIRST = "ACK_FIRST"
    OFFSETS_FIRST = "offsets before the database"
    BARE_ACK = "bare ack()"
    CURSOR_RELAY = "cursor relay"
    TWO_RELAYS = "two relays"
    DEFAULT_PARSER = "default parser"
    PARK_DISABLED = "park disabled"


patch = pytest.MonkeyPatch()


def slow_commits() -> None:
    """Let some transactions commit after later ones, as on a busy disk: no fault of the product."""
    write = outbox.write

    async def write_and_wait(connection: Connection, records: Sequence[OutboxRecord]) -> Any:
        ids = await write(connection, records)
        if ids and random.random() < SLOW_SHARE:
            await asyncio.sleep(SLOW.total_seconds())
        return ids

    patch.setattr(outbox, "write", write_and_wait)


def dedupe_off() -> None:
    """Apply what comes, also what was applied before."""

    def repeat(
        batch: Sequence[Received],
        positions: Mapping[str, Position],
        parked: Mapping[str, Mapping[int, Received]],
    ) -> Arrangement:
        result = arrange(batch, positions, parked)
        kept = {id(one) for one in (*result.apply, *result.park)}
        result.apply += [one for one in batch if id(one) not in kept]
        return result

    patch.setattr(consumer, "arrange", repeat)


def ack_first() -> None:
    """Let the framework commit offsets whenever its timer says so."""
    patch.setattr(subscription, "AckPolicy", SimpleNamespace(MANUAL=AckPolicy.ACK_FIRST))


def offsets_first() -> None:
    """Commit a poll's offsets before its transactions."""
    consume = Consumer._consume

    async def commit_and_consume(self: Consumer, raw: Sequence[Record], kafka: Any) -> bool:
        ends = {TopicPartition(one.topic, one.partition): one.offset + 1 for one in raw}
        await self._commit(kafka, ends)
        return await consume(self, raw, kafka)

    patch.setattr(Consumer, "_consume", commit_and_consume)


def bare_ack() -> None:
    """Commit whatever was polled, also when some of it failed."""

    async def commit(_: Consumer, kafka: Any, __: object) -> None:
        await kafka.commit()

    patch.setattr(Consumer, "_commit", commit)
    patch.setattr(Consumer, "_rewind", lambda *_: None)


def cursor_relay() -> None:
    """Remember the last id sent, and never look back."""
    cursor = 0

    async def round_after_cursor(self: Relay, connection: Any, producer: Any) -> int:
        nonlocal cursor
        query = outbox.QUERIES["read"].replace("FROM outbox", f"FROM outbox WHERE id > {cursor}")
        rows = await connection.fetch(query, relay.BATCH)
        if rows:
            await relay._send(producer, rows)
            await connection.execute(outbox.QUERIES["delete_sent"], [row["id"] for row in rows])
            cursor = rows[-1]["id"]
        self._on_round(RelayReport(len(rows), timedelta()))
        return len(rows)

    patch.setattr(Relay, "_round", round_after_cursor)


def two_relays() -> None:
    """Let every process send, each its own rows, as queues in PostgreSQL are usually shared."""
    shared_read = outbox.QUERIES["read"] + " FOR UPDATE SKIP LOCKED"
    send_round = Relay._round

    async def lead(*_: object) -> bool:
        return True

    async def round_in_transaction(self: Relay, connection: Any, producer: Any) -> int:
        async with connection.transaction():
            return await send_round(self, connection, producer)

    patch.setattr(relay, "QUERIES", {**outbox.QUERIES, "read": shared_read})
    patch.setattr(relay, "BATCH", 100)
    patch.setattr(Relay, "_lead", lead)
    patch.setattr(Relay, "_round", round_in_transaction)


def default_parser() -> None:
    """Let the framework read the headers."""
    patch.setattr(subscription, "parse_without_headers", None)


def park_disabled() -> None:
    """Drop what comes after a gap."""

    async def drop(*_: object) -> None:
        pass

    patch.setattr(inbox, "_park", drop)


MUTATIONS: Mapping[Mutant, Callable[[], None]] = {
    Mutant.NOTHING: lambda: None,
    Mutant.DEDUPE_OFF: dedupe_off,
    Mutant.ACK_FIRST: ack_first,
    Mutant.OFFSETS_FIRST: offsets_first,
    Mutant.BARE_ACK: bare_ack,
    Mutant.CURSOR_RELAY: cursor_relay,
    Mutant.TWO_RELAYS: two_relays,
    Mutant.DEFAULT_PARSER: default_parser,
    Mutant.PARK_DISABLED: park_disabled,
}


def main() -> None:
    slow_commits()
    MUTATIONS[Mutant(sys.argv.pop(1))]()
    gleichfall()


if __name__ == "__main__":
    main()
