"""The end of a client of Kafka that won't end by itself."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

STOP_TIMEOUT = timedelta(seconds=15)


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
