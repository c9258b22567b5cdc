"""FastStream wired so that it neither loses, skips nor reorders.

Its defaults acknowledge first, start at the latest offset, create topics with one partition and
parse every header twice; each of them is overridden here.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.message import StreamMessage

from shared.kafka.brokers import Brokers
from shared.kafka.clients import cut_off
from shared.kafka.consumer import Consumer
from shared.kafka.errors import ReadingEnded
from shared.observe.metrics import LOOP_FAILURES, Loop

logger = logging.getLogger(__name__)

RECONNECT = timedelta(seconds=1)
STOP_LIMIT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Polling:
    """How much is fetched at once and how long a batch may take."""

    max_records: int = 9_500
    wait: timedelta = timedelta(milliseconds=100)
    session_timeout: timedelta = timedelta(seconds=10)
    max_partition_fetch_bytes: int = 1280 * 1024
    graceful: timedelta = timedelta(seconds=25)


class RawRecords:
    """A codec that hands over raw records; the consumer reads each one on its own."""

    async def decode_batch(self, msg: StreamMessage[Any]) -> Sequence[ConsumerRecord]:
        """Give the records as they came."""
        return msg.raw_message  # type: ignore[no-any-return] # FastStream types it loosely

    async def decode(self, msg: StreamMessage[Any]) -> Any:  # noqa: ANN401 - the protocol's type
        """Give one record as it came."""
        return msg.raw_message

    async def encode(self, *_: object, **__: object) -> tuple[bytes, str | None]:
        """Refuse: events leave through the outbox."""
        raise TypeError("events are published by the relay, not by the subscriber's broker")

    async def encode_batch(self, *_: object, **__: object) -> list[tuple[bytes, str | None]]:
        """Refuse: events leave through the outbox."""
        raise TypeError("events are published by the relay, not by the subscriber's broker")


async def parse_without_headers(
    records: tuple[ConsumerRecord, ...],
    original: Callable[[tuple[ConsumerRecord, ...]], Awaitable[StreamMessage[Any]]],
) -> StreamMessage[Any]:
    """Wrap a poll's records without touching headers: a null or broken one must not raise here."""
    ends = (replace(records[0], headers=()), replace(records[-1], headers=()))
    message = await original(ends)
    message.raw_message = records
    return message


def subscribe(
    brokers: Brokers,
    topics: Sequence[str],
    consumer: Consumer,
    polling: Polling | None = None,
    *,
    instance: str | None = None,
) -> KafkaBroker:
    """Make a broker whose only subscriber feeds `consumer`; start and stop it with the service.

    Args:
        brokers: Where Kafka is.
        topics: What is read.
        consumer: What applies it.
        polling: How much at once, and how long a batch may take.
        instance: This process's lasting name in the group (static membership, KIP-345). Restarted
            within the session timeout it finds its partitions as they were, and nobody else stops.
    """
    polling = polling or Polling()
    broker = KafkaBroker(
        brokers.servers,
        security=brokers.security,
        ack_policy=AckPolicy.MANUAL,
        serializer=None,
        allow_auto_create_topics=False,
        enable_idempotence=True,
        graceful_timeout=polling.graceful.total_seconds(),
        logger=logging.getLogger("faststream"),
        log_level=logging.DEBUG,
        parser=parse_without_headers,
        codec=RawRecords(),
        client_id=f"gleichfall-{consumer.name}",
    )

    subscriber = broker.subscriber(
        *topics,
        batch=True,
        group_id=consumer.name,
        group_instance_id=instance,
        auto_offset_reset="earliest",
        session_timeout_ms=int(polling.session_timeout.total_seconds() * 1000),
        heartbeat_interval_ms=int(polling.session_timeout.total_seconds() * 1000 / 4),
        rebalance_timeout_ms=int(polling.graceful.total_seconds() * 1000),
        max_partition_fetch_bytes=polling.max_partition_fetch_bytes,
        partition_assignment_strategy=(StickyPartitionAssignor,),
        listener=consumer,
    )
    subscriber.get_msg = partial(_next_records, polling)  # type: ignore[method-assign]

    @subscriber
    async def consume(records: Sequence[Any], msg: KafkaMessage) -> None:
        await consumer.consume(records, msg.consumer)

    return broker


async def _next_records(polling: Polling, kafka: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
    """Wait for records. FastStream sleeps as long again after each wait, and hears nothing then."""
    polled = await kafka.getmany(
        timeout_ms=int(polling.wait.total_seconds() * 1000), max_records=polling.max_records
    )
    return tuple(chain.from_iterable(polled.values()))


async def keep_reading(
    subscription: Callable[[], KafkaBroker],
    watch: Callable[[AIOKafkaConsumer], Awaitable[None]],
) -> None:
    """Read until cancelled; where a client of Kafka can't read any more, go on with another.

    Args:
        subscription: Makes a broker with one subscriber, not started.
        watch: Looks after the client while it reads; ends by `ReadingEnded` when it can't.
    """
    while True:
        broker = subscription()
        try:
            await broker.start()
            await watch(broker.subscribers[0].consumer)  # type: ignore[attr-defined] # set by start
        except Exception as error:
            if not isinstance(error, (ReadingEnded, KafkaError)):
                LOOP_FAILURES.of(Loop.CONSUMER).inc()
            logger.warning("not reading from Kafka; a new client will", exc_info=error)
        finally:
            await _stop(broker)
        await asyncio.sleep(RECONNECT.total_seconds())


async def _stop(broker: KafkaBroker) -> None:
    """Stop a broker, even one whose client is broken: aiokafka then stops half-way, or never."""
    kafka = broker.subscribers[0].consumer  # type: ignore[attr-defined] # set by start
    try:
        await _within_limit(broker.stop())
    except Exception as error:
        logger.warning("a client of Kafka did not stop cleanly", exc_info=error)
        coordinator, fetcher = kafka._coordinator, kafka._fetcher
        await cut_off(
            kafka._client,
            coordinator and coordinator._coordination_task,
            coordinator and coordinator._heartbeat_task,
            fetcher and fetcher._fetch_task,
        )
        with suppress(KafkaError, TimeoutError):
            await _within_limit(broker.stop())  # what is left: its producer


async def _within_limit(stopping: Awaitable[None]) -> None:
    async with asyncio.timeout(STOP_LIMIT.total_seconds()):
        await stopping
