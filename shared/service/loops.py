"""Loops that run beside a service's HTTP side and must not end before it does."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from shared.observe.health import Health
from shared.observe.metrics import Loop

logger = logging.getLogger(__name__)

STOP_TIMEOUT = timedelta(seconds=30)


async def rest(stopping: asyncio.Event, at_most: timedelta) -> None:
    """Wait between two rounds of a loop, and no longer when it is asked to stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), at_most.total_seconds())


@asynccontextmanager
async def run_beside(
    health: Health,
    loop: Loop,
    work: Coroutine[object, object, None],
    *,
    stop: Callable[[], None] | None = None,
) -> AsyncIterator[None]:
    """Run `work` until the block ends; then ask it to stop, and wait until it has.

    A loop that ends earlier, or by an error, is logged with its cause at once, and the service
    is neither alive nor ready from then on.

    Args:
        health: Told when the loop ends though nobody stopped it.
        loop: The loop's name.
        work: The loop.
        stop: Asks it to finish what it is at; it is cancelled without, or when it takes too long.
    """
    task = asyncio.create_task(work, name=loop)
    stopping = False

    def ended(_: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if stopping and error is None:
            return
        logger.critical("the %s loop has ended", loop, exc_info=error)
        health.loop_ended(loop, error)

    task.add_done_callback(ended)
    try:
        yield
    finally:
        stopping = True
        if stop is None:
            task.cancel()
        else:
            stop()
        _, late = await asyncio.wait([task], timeout=STOP_TIMEOUT.total_seconds())
        if late:
            logger.error("the %s loop takes too long to stop; it is cancelled", loop)
            task.cancel()
