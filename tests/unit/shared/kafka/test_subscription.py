"""What stands between Kafka and a consumer doesn't keep records waiting."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import anyio
import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import BatchSubscriber

from shared.events.registry import Topic
from shared.kafka import subscription
from shared.kafka.brokers import Brokers
from shared.kafka.consumer import Consumer
from shared.kafka.errors import ReadingEnded
from shared.kafka.subscription import keep_reading, subscribe
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
    broker = subscribe(Brokers("127.0.0.1:9"), [Topic.CASE_EVENTS], consumer)
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


class Stuck:
    """A broker whose client never stops by itself."""

    def __init__(self) -> None:
        self.routine = asyncio.create_task(asyncio.sleep(3_600))
        client = SimpleNamespace(_sync_task=self.routine, close=self._close)
        kafka = SimpleNamespace(_client=client, _coordinator=None, _fetcher=None)
        self.subscribers = [SimpleNamespace(consumer=kafka)]
        self.closed = 0

    async def start(self) -> None:
        """Start at once."""

    async def stop(self) -> None:
        await asyncio.sleep(3_600)

    async def _close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("error", [ReadingEnded(), RuntimeError("uvloop"), ValueError()])
async def test_a_client_that_never_stops_is_cut_off_and_another_one_reads(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one of its routines has died, it waits for its coordinator for ever."""
    monkeypatch.setattr(subscription, "STOP_LIMIT", timedelta(milliseconds=10))
    monkeypatch.setattr(subscription, "RECONNECT", timedelta(0))
    brokers = [Stuck(), Stuck()]
    coming: Iterator[Stuck] = iter(brokers)
    reads = asyncio.Event()

    async def watch(kafka: AIOKafkaConsumer) -> None:
        if kafka is brokers[0].subscribers[0].consumer:
            raise error
        reads.set()
        await asyncio.Event().wait()

    reading = asyncio.create_task(keep_reading(lambda: cast("KafkaBroker", next(coming)), watch))
    await asyncio.wait_for(reads.wait(), 20)
    reading.cancel()
    await asyncio.wait([reading])

    assert brokers[0].routine.cancelled()
    assert brokers[0].closed
