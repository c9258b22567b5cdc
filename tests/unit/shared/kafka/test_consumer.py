"""A consumer that can't work now says so, and waits without holding up a rebalance."""

import asyncio
from datetime import timedelta
from typing import cast

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.events.registry import Topic
from shared.kafka import consumer as consumer_module
from shared.kafka.consumer import PARTITIONS_AT_ONCE, Consumer
from shared.kafka.errors import BatchSlow, RecordsHeldUp
from shared.kafka.records import Record
from shared.postgres.pool import Pool

PARTITION = TopicPartition(Topic.CASE_EVENTS.value, 0)
RECORD = Record(PARTITION.topic, PARTITION.partition, 7, 0, b"case", [], b"{}")


class DatabaseAway:
    def acquire(self) -> None:
        raise TimeoutError


class DatabaseLocked:
    """Never gives a connection."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.waiting = 0

    def acquire(self) -> "DatabaseLocked":
        return self

    async def __aenter__(self) -> None:
        self.asked.set()
        self.waiting += 1
        await asyncio.Event().wait()

    async def __aexit__(self, *_: object) -> None:
        """Nothing to give back."""


class Kafka:
    def __init__(self) -> None:
        self.sought: asyncio.Queue[int] = asyncio.Queue()

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.sought.put_nowait(offset)

    def assignment(self) -> set[TopicPartition]:
        return {PARTITION}


async def test_a_pause_after_a_failure_holds_up_no_rebalance() -> None:
    kafka = Kafka()
    consumer = Consumer("test", cast("Pool", DatabaseAway()), {}, committed=lambda: None)
    consumer._failures = 10  # the longest pause comes next

    records = [cast("ConsumerRecord", RECORD)]
    working = asyncio.create_task(consumer.consume(records, cast("AIOKafkaConsumer", kafka)))
    sought = await kafka.sought.get()
    await consumer.on_partitions_revoked({PARTITION})

    assert sought == RECORD.offset
    assert not working.done()
    working.cancel()


async def test_what_holds_records_up_is_told_until_they_go_elsewhere() -> None:
    kafka = Kafka()
    consumer = Consumer("test", cast("Pool", DatabaseAway()), {}, committed=lambda: None)
    await consumer.check()

    records = [cast("ConsumerRecord", RECORD)]
    await consumer.consume(records, cast("AIOKafkaConsumer", kafka))
    with pytest.raises(RecordsHeldUp, match=r"case-events can't be applied now \(TimeoutError\)"):
        await consumer.check()

    await consumer.on_partitions_assigned(set())
    await consumer.check()


async def test_a_batch_that_takes_too_long_is_told_while_it_lasts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumer_module, "SLOW", timedelta(0))
    locked = DatabaseLocked()
    consumer = Consumer("test", cast("Pool", locked), {}, committed=lambda: None)

    records = [cast("ConsumerRecord", RECORD)]
    working = asyncio.create_task(consumer.consume(records, cast("AIOKafkaConsumer", Kafka())))
    await locked.asked.wait()
    with pytest.raises(BatchSlow, match="a batch of 1 records"):
        await consumer.check()
    working.cancel()


async def test_of_a_large_poll_only_a_few_partitions_are_in_memory_as_events() -> None:
    database = DatabaseLocked()
    consumer = Consumer("test", cast("Pool", database), {}, committed=lambda: None)
    records = [cast("ConsumerRecord", RECORD._replace(partition=number)) for number in range(12)]

    working = asyncio.create_task(consumer.consume(records, cast("AIOKafkaConsumer", Kafka())))
    await database.asked.wait()
    await asyncio.sleep(0.05)

    assert database.waiting == PARTITIONS_AT_ONCE
    working.cancel()
