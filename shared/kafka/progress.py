"""Whether a consumer really consumes: a process that runs may hang for ever after a broker restart.

aiokafka gives no public signal of that (aiokafka #1154), so progress is measured: the broker
answered fetches lately, and where records wait, the position moves.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.events.registry import Topic
from shared.observe.metrics import CONSUMER_LAG, Partition

LOOK = timedelta(seconds=5)
SILENCE = timedelta(seconds=30)


async def watch_progress(
    kafka: AIOKafkaConsumer, applied: Mapping[TopicPartition, int], beat: Callable[[], None]
) -> None:
    """Publish the lag, and beat as long as the consumer has nothing to do but wait.

    Where records wait, only a finished batch beats.

    Args:
        kafka: The consumer that polls.
        applied: The next offset of each partition, as far as batches were finished.
        beat: The sign of life.
    """
    told: set[TopicPartition] = set()
    while True:
        lags = {partition: _lag(kafka, partition, applied) for partition in kafka.assignment()}
        for gone in told - lags.keys():
            CONSUMER_LAG.forget(Topic(gone.topic), Partition(gone.partition))
        for partition, lag in lags.items():
            CONSUMER_LAG.of(Topic(partition.topic), Partition(partition.partition)).set(lag)
        told = set(lags)
        if not any(lags.values()) and all(_answered(kafka, partition) for partition in lags):
            beat()
        await asyncio.sleep(LOOK.total_seconds())


def _lag(
    kafka: AIOKafkaConsumer, partition: TopicPartition, applied: Mapping[TopicPartition, int]
) -> int:
    """Give how many records wait, from what the last fetch told; costs no request."""
    highwater: int | None = kafka.highwater(partition)
    if highwater is None or partition not in applied:
        return 0
    return max(0, highwater - applied[partition])


def _answered(kafka: AIOKafkaConsumer, partition: TopicPartition) -> bool:
    last: int | None = kafka.last_poll_timestamp(partition)
    return last is None or time.time() * 1000 - last < SILENCE.total_seconds() * 1000
