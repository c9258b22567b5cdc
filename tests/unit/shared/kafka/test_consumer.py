"""A consumer that can't work now waits without holding up a rebalance."""

import asyncio
from typing import cast

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.events.registry import Topic
from shared.kafka.consumer import Consumer
from shared.kafka.records import Record
from shared.postgres.pool import Pool

PARTITION = TopicPartition(Topic.CASE_EVENTS.value, 0)
RECORD = Record(PARTITION.topic, PARTITION.partition, 7, 0, b"case", [], b"{}")


class DatabaseAway:
    def acquire(self) -> None:
        raise TimeoutError


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
    async with asyncio.timeout(2):
        sought = await kafka.sought.get()
        await consumer.on_partitions_revoked({PARTITION})

    assert sought == RECORD.offset
    assert not working.done()
    working.cancel()
