"""Whether a consumer really consumes: a process that runs may hang for ever after a broker restart.

aiokafka gives no public signal of that (aiokafka #1154), so progress is measured: the broker
answered fetches lately, and where records wait, the position moves. Where one of its own routines
has ended (aiokafka #1038: uvloop's error on writing to a cut connection), it never reads again.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.events.registry import Topic
from shared.kafka.errors import ReadingEnded
from shared.kafka.lag import LagAge
from shared.observe.metrics import CONSUMER_LAG, CONSUMER_LAG_AGE, Partition

LOOK = timedelta(seconds=2)
SILENCE = timedelta(seconds=30)


async def watch_progress(
    kafka: AIOKafkaConsumer, applied: Mapping[TopicPartition, int], beat: Callable[[], None]
) -> None:
    """Publish the lag, and beat while the consumer has nothing to do but wait, until it can't read.

    Where records wait, only a finished batch beats.

    Args:
        kafka: The consumer that polls.
        applied: The next offset of each partition, as far as batches were finished.
        beat: The sign of life.

    Raises:
        ReadingEnded: a routine of aiokafka's has ended; only another consumer reads on.
    """
    told: set[TopicPartition] = set()
    ages: defaultdict[TopicPartition, LagAge] = defaultdict(LagAge)
    try:
        while True:
            lags = {partition: _lag(kafka, partition, applied) for partition in kafka.assignment()}
            _forget(told - lags.keys())
            for gone in ages.keys() - lags.keys():
                del ages[gone]
            for partition, lag in lags.items():
                age = ages[partition].look(applied.get(partition, 0), lag, time.monotonic())
                labels = Topic(partition.topic), Partition(partition.partition)
                CONSUMER_LAG.of(*labels).set(lag)
                CONSUMER_LAG_AGE.of(*labels).set(age)
            told = set(lags)
            if not any(lags.values()) and all(_answered(kafka, partition) for partition in lags):
                beat()
            _refuse_if_ended(kafka)
            await asyncio.sleep(LOOK.total_seconds())
    finally:
        _forget(told)


def _forget(partitions: Iterable[TopicPartition]) -> None:
    """Tell of them no more: they are read elsewhere, or by the next client."""
    for gone in partitions:
        for family in (CONSUMER_LAG, CONSUMER_LAG_AGE):
            family.forget(Topic(gone.topic), Partition(gone.partition))


def _refuse_if_ended(kafka: AIOKafkaConsumer) -> None:
    coordinator = kafka._coordinator
    for routine in (
        coordinator._coordination_task,
        coordinator._heartbeat_task,
        kafka._fetcher._fetch_task,
        kafka._client._sync_task,
    ):
        if routine is not None and routine.done() and not routine.cancelled():
            error = routine.exception()
            if error is not None:
                raise ReadingEnded from error


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
