"""Batches: what a round of the relay hands over, one partition's records together.

A record handed over alone has a future of its own; a batch has one for hundreds, at half the price.
"""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from aiokafka.partitioner import DefaultPartitioner

from shared.postgres.outbox import OutboxRecord, RecordHeaders

_partition_by_key = DefaultPartitioner()


class Batch(Protocol):
    """What aiokafka builds a batch with."""

    def append(
        self,
        *,
        timestamp: int | None,
        key: bytes | None,
        value: bytes | None,
        headers: RecordHeaders,
    ) -> object | None:
        """Take a record; `None` says that the batch is full."""


class Packing(Protocol):
    """What packing records needs of a broker's client."""

    async def partitions_for(self, topic: str) -> set[int]:
        """Give a topic's partitions."""

    def create_batch(self) -> Batch:
        """Begin a batch."""


class Producer(Packing, Protocol):
    """What a round needs of it."""

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> Awaitable[object]:
        """Take a batch; what is given back ends with the broker's word on it."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A batch and where it goes."""

    topic: str
    partition: int
    batch: Batch


async def parcel(
    producer: Packing, records: Sequence[OutboxRecord]
) -> tuple[list[Parcel], list[int]]:
    """Put records into batches, in their order within each partition.

    Returns:
        The batches, a partition's earlier ones first, and for each record which of them it is in.
    """
    partitions = {
        topic: tuple(sorted(await producer.partitions_for(topic)))
        for topic in {record.topic for record in records}
    }
    parcels: list[Parcel] = []
    last: dict[tuple[str, int], int] = {}
    held_by = []
    for record in records:
        at = record.topic, partition_of(record.key, partitions[record.topic])
        number = last.get(at)
        if number is None or not _takes(parcels[number].batch, record):
            batch = producer.create_batch()
            _takes(batch, record)  # an empty one takes a record of any size
            number = last[at] = len(parcels)
            parcels.append(Parcel(*at, batch))
        held_by.append(number)
    return parcels, held_by


@lru_cache(maxsize=8_192)
def partition_of(key: bytes | None, partitions: tuple[int, ...]) -> int:
    """Give the partition of a key, as every Kafka client does; what has none goes to the first."""
    if key is None:
        return partitions[0]
    partition: int = _partition_by_key(key, partitions, partitions)
    return partition


def _takes(batch: Batch, record: OutboxRecord) -> bool:
    """Say when it was written, too: whoever reads it can tell how long it took to reach them."""
    _, key, headers, value, written = record
    return batch.append(timestamp=written, key=key, value=value, headers=headers) is not None
