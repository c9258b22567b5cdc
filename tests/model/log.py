"""Kafka in memory: partitions, offsets and what each group has committed.

It keeps what the broker promises and what it doesn't: records of a partition stay in order, a send
may arrive without being acknowledged, and a member that lost its partitions may not commit.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, KafkaTimeoutError

from shared.events.registry import Topic
from shared.kafka import batching
from shared.kafka.records import Record
from shared.postgres.outbox import RecordHeaders, pack_headers

TOPIC = Topic.CASE_EVENTS.value
PARTITIONS = (TopicPartition(TOPIC, 0), TopicPartition(TOPIC, 1))
_EPOCH_MS = 1_800_000_000_000


class Content(NamedTuple):
    """What a record says, wherever it stands."""

    topic: str
    key: bytes | None
    headers: bytes
    value: bytes | None

    @classmethod
    def of(cls, record: Record) -> "Content":
        return cls(record.topic, record.key, pack_headers(record.headers), record.value)


class Log:
    """All topics, and the offsets that groups committed."""

    def __init__(self) -> None:
        self.records: dict[TopicPartition, list[Record]] = defaultdict(list)
        self.committed: dict[tuple[str, TopicPartition], int] = defaultdict(int)
        self.contents: set[Content] = set()

    def append(
        self, at: TopicPartition, key: bytes | None, headers: RecordHeaders, value: bytes | None
    ) -> None:
        records = self.records[at]
        time = _EPOCH_MS + len(records)
        records.append(
            Record(at.topic, at.partition, len(records), time, key, list(headers), value)
        )
        self.contents.add(Content.of(records[-1]))

    def length(self, partition: TopicPartition) -> int:
        return len(self.records[partition])


def partition_of(key: bytes | None) -> int:
    """Give the partition of a case, as the relay finds it."""
    return batching.partition_of(key, tuple(at.partition for at in PARTITIONS))


class Member:
    """A member of a consumer group, as `AIOKafkaConsumer` looks to our consumer.

    One that was frozen and replaced doesn't know it: it still thinks that it has its partitions.
    """

    def __init__(self, log: Log, group: str) -> None:
        self.replaced = False
        self.positions = {partition: log.committed[group, partition] for partition in PARTITIONS}
        self._log = log
        self._group = group

    def poll(self, partition: TopicPartition, amount: int) -> list[Record]:
        at = self.positions[partition]
        found = self._log.records[partition][at : at + amount]
        self.positions[partition] = at + len(found)
        return found

    def assignment(self) -> set[TopicPartition]:
        return set(self.positions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.positions[partition] = offset

    async def commit(self, offsets: Mapping[TopicPartition, int] | None = None) -> None:
        if self.replaced:
            raise CommitFailedError
        for partition, offset in (self.positions if offsets is None else offsets).items():
            self._log.committed[self._group, partition] = offset


@dataclass
class Batch:
    """A batch of a round: it takes so many records, and arrives as a whole or not at all."""

    room: int
    records: list[tuple[bytes | None, RecordHeaders, bytes | None]] = field(default_factory=list)

    def append(
        self,
        *,
        timestamp: int | None,
        key: bytes | None,
        value: bytes | None,
        headers: RecordHeaders,
    ) -> object | None:
        assert timestamp, "a record says when it was written"
        if len(self.records) == self.room:
            return None
        self.records.append((key, headers, value))
        return self


class Broker:
    """Takes what a relay sends, as `AIOKafkaProducer` looks to it.

    Args:
        log: Where records go.
        refused: Which batches of this round, counted from 0, are not acknowledged.
        arrives: Whether one that isn't acknowledged reaches the log all the same.
        room: How many records a batch takes.
    """

    def __init__(
        self,
        log: Log,
        refused: Container[int] = (),
        arrives: Callable[[int], bool] = lambda _: False,
        room: int = 1,
    ) -> None:
        self._log = log
        self._refused = refused
        self._arrives = arrives
        self._room = room
        self._sends = 0

    async def partitions_for(self, topic: str) -> set[int]:
        return {at.partition for at in PARTITIONS} if topic == TOPIC else {0}

    def create_batch(self) -> Batch:
        return Batch(self._room)

    async def send_batch(
        self, batch: batching.Batch, topic: str, *, partition: int
    ) -> asyncio.Future[None]:
        assert isinstance(batch, Batch)
        number, self._sends = self._sends, self._sends + 1
        word = asyncio.get_running_loop().create_future()
        if number not in self._refused or self._arrives(number):
            for key, headers, value in batch.records:
                self._log.append(TopicPartition(topic, partition), key, headers, value)
        if number in self._refused:
            word.set_exception(KafkaTimeoutError())
            word.exception()  # seen, even where a crash comes before the relay looks
        else:
            word.set_result(None)
        return word


def batched(contents: Sequence[Content], room: int) -> list[int]:
    """Say for each record of a round in which of its batches it is."""
    filled: dict[TopicPartition, list[int]] = defaultdict(list)
    batches, number = [], -1
    for content in contents:
        here = filled[place(content.topic, content.key)]
        if len(here) % room == 0:
            number += 1
            here.append(number)
        else:
            here.append(here[-1])
        batches.append(here[-1])
    return batches


def place(topic: str, key: bytes | None) -> TopicPartition:
    """Give where a record belongs."""
    return TopicPartition(topic, partition_of(key) if topic == TOPIC else 0)
