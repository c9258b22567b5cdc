"""What stands between Kafka and a consumer doesn't keep records waiting."""

from collections.abc import Sequence
from typing import cast

import anyio
import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from faststream.kafka.subscriber.usecase import BatchSubscriber

from shared.events.registry import Topic
from shared.kafka.consumer import Consumer
from shared.kafka.subscription import subscribe
from shared.postgres.pool import Pool

Polled = dict[TopicPartition, Sequence[str]]


class Broker:
    """Answers polls in turn; records are words here."""

    def __init__(self, *answers: Polled) -> None:
        self._answers = iter(answers)

    async def getmany(self, *, timeout_ms: int, max_records: int) -> Polled:
        assert timeout_ms > 0
        assert max_records > 0
        return next(self._answers)


async def polled(*answers: Polled) -> list[tuple[ConsumerRecord, ...]]:
    consumer = Consumer("controlling", cast("Pool", None), {}, committed=lambda: None)
    broker = subscribe("127.0.0.1:9", [Topic.CASE_EVENTS], consumer)
    [subscriber] = broker.subscribers
    assert isinstance(subscriber, BatchSubscriber)
    kafka = cast("AIOKafkaConsumer", Broker(*answers))
    return [await subscriber.get_msg(kafka) for _ in answers]


async def test_after_a_poll_without_records_the_next_follows_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """FastStream sleeps as long as it has waited, and an event that comes meanwhile waits, too."""

    async def sleep(_: float) -> None:
        pytest.fail("nobody listens to Kafka now")

    monkeypatch.setattr(anyio, "sleep", sleep)
    one, other = (TopicPartition("case-events", number) for number in (1, 2))

    assert await polled({}, {one: ["a", "b"], other: ["c"]}) == [(), ("a", "b", "c")]
