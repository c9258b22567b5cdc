"""A round keeps its order in batches, each of one partition, as every client splits them."""

import random

from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatch
from hypothesis import given
from hypothesis import strategies as st

from shared.kafka import batching
from shared.kafka.batching import Parcel, parcel
from shared.postgres.outbox import OutboxRecord

PARTITIONS = 12
ROOM = 2_000

records = st.lists(
    st.builds(
        OutboxRecord,
        topic=st.sampled_from(["case-events", "office-events"]),
        key=st.sampled_from([None, *(f"case-{n}".encode() for n in range(6))]),
        headers=st.just([("ce_id", b"1"), ("traceparent", None)]),
        value=st.one_of(st.none(), st.integers(0, 3_000).map(bytes)),
        written=st.integers(0, 2**42),
    ),
    max_size=30,
)


class Client:
    """Builds batches as the producer does; sends none."""

    async def partitions_for(self, topic: str) -> set[int]:
        return set(range(PARTITIONS if topic == "case-events" else 1))

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(ROOM, 0)


def written(one: Parcel) -> list[OutboxRecord]:
    """Read a batch as a consumer does."""
    assert isinstance(one.batch, BatchBuilder)
    read = DefaultRecordBatch(bytes(one.batch._build()))
    return [
        OutboxRecord(one.topic, record.key, list(record.headers), record.value, record.timestamp)
        for record in read
    ]


@given(records)
async def test_each_record_is_in_the_batch_that_is_told_and_none_overtakes_another(
    sent: list[OutboxRecord],
) -> None:
    parcels, held_by = await parcel(Client(), sent)
    read = {at: written(one) for at, one in enumerate(parcels)}
    for record in sent:
        assert read[held_by.pop(0)].pop(0) == record
    assert not any(read.values()), "nothing is sent twice"


@given(records)
async def test_earlier_batches_of_a_partition_hold_its_earlier_records(
    sent: list[OutboxRecord],
) -> None:
    parcels, held_by = await parcel(Client(), sent)
    last: dict[tuple[str, int], int] = {}
    for at in held_by:
        place = parcels[at].topic, parcels[at].partition
        assert at >= last.get(place, 0)
        last[place] = at


@given(st.binary(min_size=1))
def test_a_key_goes_where_every_client_sends_it(key: bytes) -> None:
    partitions = list(range(PARTITIONS))
    random.shuffle(partitions)
    expected = DefaultPartitioner()(key, sorted(partitions), partitions)
    assert batching.partition_of(key, tuple(range(PARTITIONS))) == expected
