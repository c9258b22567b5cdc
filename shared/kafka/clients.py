"""Clients of Kafka for a short while, and the end of one that won't end by itself."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from shared.kafka.brokers import Brokers
from shared.kafka.refused_or_away import explain

# Where nobody has set up logging, in commands, what we say ourselves is enough.
logging.getLogger("aiokafka").addHandler(logging.NullHandler())

STOP_TIMEOUT = timedelta(seconds=15)
_ADMIN_TIMEOUT = timedelta(seconds=10)


@asynccontextmanager
async def administering(brokers: Brokers) -> AsyncIterator[AIOKafkaAdminClient]:
    """Connect; a broker that goes away under way is one that doesn't answer.

    Raises:
        KafkaRefuses, RightsMissing: Kafka doesn't let us in, or not do it.
        KafkaUnreachable: no broker answers.
    """
    limit = int(_ADMIN_TIMEOUT.total_seconds() * 1000)
    admin = AIOKafkaAdminClient(**brokers.arguments, request_timeout_ms=limit)
    async with _explained(brokers, admin.close):
        await admin.start()
        yield admin


@asynccontextmanager
async def reading_offsets(brokers: Brokers) -> AsyncIterator[AIOKafkaConsumer]:
    """Connect as a member of no group, for a look at topics.

    Raises:
        KafkaRefuses, RightsMissing, KafkaUnreachable: as `administering`.
    """
    # What is deleted while we read must not let us skip what is still there.
    consumer = AIOKafkaConsumer(
        **brokers.arguments, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    async with _explained(brokers, consumer.stop):
        await consumer.start()
        yield consumer


@asynccontextmanager
async def _explained(brokers: Brokers, end: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    try:
        yield
    except (KafkaError, OSError) as error:
        raise await explain(brokers, error) from error
    finally:
        await end()


async def cut_off(client: AIOKafkaClient, *routines: "asyncio.Task[object] | None") -> None:
    """End a client's connections and routines, in whatever state they are.

    aiokafka's own ways to stop wait for the broker, for ever while it is away, and stop half-way
    when a routine of the client has ended with an error; what is left then lives for ever.

    Args:
        client: The connections.
        routines: What works with them.
    """
    living = [one for one in (client._sync_task, *routines) if one]
    client._sync_task = None
    for routine in living:
        routine.cancel()
    await _disconnect(client)
    if living:
        await asyncio.wait(living, timeout=STOP_TIMEOUT.total_seconds())
        # What was still being sent may have connected once more.
        await _disconnect(client)


async def _disconnect(client: AIOKafkaClient) -> None:
    with suppress(KafkaError, TimeoutError):
        async with asyncio.timeout(STOP_TIMEOUT.total_seconds()):
            await client.close()
