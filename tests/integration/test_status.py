"""The lag that `gleichfall status` shows is the records that really wait."""

from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.local.infrastructure import Addresses
from deploy.local.status import consumer_lags
from shared.events.registry import Topic
from shared.kafka.brokers import Brokers
from shared.kafka.errors import KafkaUnreachable
from shared.kafka.topics import apply_topics, declared_topics
from tests.integration.spine_helpers import begin_behind

pytestmark = pytest.mark.stack

TOPIC = Topic.REVIEW_EVENTS


@pytest.fixture
def group() -> str:
    return f"late-{uuid4()}"


@pytest.fixture
async def servers(stack: Addresses) -> str:
    """A broker that knows the topics."""
    await apply_topics(stack.brokers)
    return stack.kafka_bootstrap_servers


async def test_a_group_that_has_read_nothing_lags_by_everything(servers: str, group: str) -> None:
    before = await lag(servers, group)

    await send(servers, 7)

    assert await lag(servers, group) == before + 7


async def test_a_group_that_is_behind_lags_by_what_it_has_not_committed(
    servers: str, group: str
) -> None:
    await send(servers, 5)
    numbers = range(declared_topics()[TOPIC].partitions)
    await begin_behind(servers, group, [TopicPartition(TOPIC.value, one) for one in numbers])
    assert await lag(servers, group) == 0

    await send(servers, 3)

    assert await lag(servers, group) == 3


async def test_what_a_group_read_on_one_partition_leaves_the_others_waiting(
    servers: str, group: str
) -> None:
    before = await lag(servers, group)
    await send(servers, 4, partition=0)
    await send(servers, 6, partition=1)

    await begin_behind(servers, group, [TopicPartition(TOPIC.value, 0)])

    assert await lag(servers, group) == before + 10 - await stored(servers, partition=0)


async def test_a_service_that_reads_nothing_never_lags(servers: str, group: str) -> None:
    assert (await consumer_lags(Brokers(servers), {"intake": (), group: (TOPIC,)}))["intake"] == 0


async def test_a_broker_that_is_away_is_one_clear_error() -> None:
    with pytest.raises(KafkaUnreachable, match=r"127\.0\.0\.1:1 does not answer"):
        await consumer_lags(Brokers("127.0.0.1:1"), {"notify": (TOPIC,)})


async def lag(servers: str, group: str) -> int:
    return (await consumer_lags(Brokers(servers), {group: (TOPIC,)}))[group]


async def send(servers: str, records: int, partition: int | None = None) -> None:
    async with AIOKafkaProducer(bootstrap_servers=servers) as producer:
        for _ in range(records):
            await producer.send_and_wait(TOPIC.value, b"{}", partition=partition)


async def stored(servers: str, partition: int) -> int:
    """The records on a partition: other modules may have emptied it, so it need not begin at 0."""
    at = TopicPartition(TOPIC.value, partition)
    async with AIOKafkaConsumer(bootstrap_servers=servers) as consumer:
        begin: int = (await consumer.beginning_offsets([at]))[at]
        end: int = (await consumer.end_offsets([at]))[at]
    return end - begin
