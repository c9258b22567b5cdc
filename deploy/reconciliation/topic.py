"""The topics that intake writes, from their beginning to ends that were noted before."""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from aiokafka import ConsumerRecord, TopicPartition

from shared.events.registry import Topic
from shared.kafka.brokers import Brokers
from shared.kafka.clients import administering, reading_offsets
from shared.kafka.errors import KafkaUnreachable
from shared.kafka.topics import declared_topics

TOPICS = (Topic.CASE_EVENTS, Topic.OFFICE_EVENTS)
Show = Callable[[int, int], None]
"""Told how many records are read, and of how many."""

_WAIT = timedelta(seconds=1)
_SILENCE = timedelta(seconds=60)
_AT_ONCE = 5_000


class Overrun(NamedTuple):
    """A consumer has read further than Kafka goes."""

    service: str
    topic: str
    partition: int
    committed: int
    end: int


@dataclass(frozen=True, slots=True)
class Extent:
    """Where the partitions begin and end, and who is said to have read beyond."""

    begins: Mapping[TopicPartition, int]
    ends: Mapping[TopicPartition, int]
    overruns: Sequence[Overrun]


def partitions(*topics: Topic) -> list[TopicPartition]:
    """Give the declared partitions of some topics."""
    declared = declared_topics()
    return [
        TopicPartition(topic.value, number)
        for topic in topics
        for number in range(declared[topic].partitions)
    ]


async def extent(brokers: Brokers, services: Sequence[str]) -> Extent:
    """Look where the topics end.

    Args:
        brokers: Where Kafka is.
        services: Whose reading to hold against it; the name of a service is its group.

    Raises:
        KafkaUnreachable, KafkaRefuses, RightsMissing: we can't look.
    """
    every = partitions(*TOPICS)
    async with administering(brokers) as admin, reading_offsets(brokers) as consumer:
        # Before the ends: these grow, and nobody reads beyond them.
        committed = {one: await admin.list_consumer_group_offsets(one) for one in services}
        begins = await consumer.beginning_offsets(every)
        ends = await consumer.end_offsets(every)
    overruns = [
        Overrun(service, at.topic, at.partition, done.offset, ends[at])
        for service, offsets in committed.items()
        for at, done in sorted(offsets.items())
        if at in ends and done.offset > ends[at]
    ]
    return Extent(begins, ends, overruns)


async def records(
    brokers: Brokers, within: Extent, show: Show
) -> AsyncIterator[Sequence[ConsumerRecord]]:
    """Give all records, some thousand at a time, each partition's in order.

    Raises:
        KafkaUnreachable: nothing came for a minute.
        KafkaRefuses, RightsMissing: we may not read.
    """
    left = {at for at, end in within.ends.items() if within.begins[at] < end}
    if not left:
        return
    total = sum(within.ends[at] - within.begins[at] for at in left)
    reached = {at: within.begins[at] for at in left}
    async with reading_offsets(brokers) as consumer:
        consumer.assign(list(left))
        for at in left:
            consumer.seek(at, within.begins[at])
        heard = time.monotonic()
        while left:
            polled = await consumer.getmany(
                *left, timeout_ms=int(_WAIT.total_seconds() * 1000), max_records=_AT_ONCE
            )
            if polled:
                heard = time.monotonic()
            elif time.monotonic() - heard > _SILENCE.total_seconds():
                raise KafkaUnreachable(brokers.servers, TimeoutError("it sends nothing"))
            yield [
                record
                for at, found in polled.items()
                for record in found
                if record.offset < within.ends[at]
            ]
            for at in left:
                reached[at] = min(await consumer.position(at), within.ends[at])
            left = {at for at in left if reached[at] < within.ends[at]}
            show(sum(reached.values()) - sum(within.begins[at] for at in reached), total)
