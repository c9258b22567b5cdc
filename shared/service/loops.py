"""Loops that run beside a service's HTTP side and must not end before it does."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Protocol

from shared.errors import PermanentError, TransientError
from shared.observe.health import Health
from shared.observe.metrics import LOOP_FAILURES, Loop
from shared.observe.reasons import reason_of
from shared.postgres.errors import is_transient

logger = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(milliseconds=200)
LONGEST_PAUSE = timedelta(seconds=10)
STOP_TIMEOUT = timedelta(seconds=30)

Work = Callable[[], Awaitable[bool | None]]
"""One round; tells whether there is more to do at once."""


class Looping(Protocol):
    """What runs beside the HTTP side until it is stopped."""

    async def run(self) -> None:
        """Work until stopped."""

    def stop(self) -> None:
        """Finish what is in hand, and end."""


class RoundFails(PermanentError):
    """A loop's rounds fail for a reason that isn't expected to pass; it keeps trying."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"fails and is tried again: {reason_of(error)}")


class Rounds:
    """Does one round after the other until stopped; no error ever ends it."""

    def __init__(
        self,
        loop: Loop,
        cadence: timedelta,
        work: Work,
        *,
        beat: Callable[[], None] = lambda: None,
        at_end: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._loop = loop
        self._cadence = cadence
        self._work = work
        self._beat = beat
        self._at_end = at_end
        self._failure: Exception | None = None
        self._stopping = asyncio.Event()
        LOOP_FAILURES.expect([(loop,)])

    def stop(self) -> None:
        """Finish the round in hand, and end."""
        self._stopping.set()

    async def check(self) -> None:
        """Be ready unless the last round failed; of the database another need tells.

        Raises:
            TransientError: why, in its own words.
            RoundFails: why, where that isn't expected to pass.
        """
        if isinstance(self._failure, TransientError):
            raise self._failure.with_traceback(None)
        if self._failure is not None and not is_transient(self._failure):
            raise RoundFails(self._failure)

    async def run(self) -> None:
        """Work, beat, rest; after a failure with pauses that grow."""
        failures = 0
        while not self._stopping.is_set():
            try:
                more = await self._work()
            except Exception as error:  # noqa: BLE001 - a loop goes on whatever happens
                self._note(error)
                failures += 1
                pause = growing(failures)
            else:
                self._failure, failures = None, 0
                pause = timedelta(0) if more else self._cadence
            self._beat()  # what keeps trying is alive: a restart brings nothing back
            await rest(self._stopping, pause)
        if self._at_end is not None:
            await self._at_end()

    def _note(self, error: Exception) -> None:
        """Count what won't pass; log once as long as the same goes wrong."""
        passes = is_transient(error)
        if not passes:
            LOOP_FAILURES.of(self._loop).inc()
        if type(error) is not type(self._failure):
            level = logging.WARNING if passes else logging.ERROR
            logger.log(level, "the %s loop is interrupted; it goes on", self._loop, exc_info=error)
        self._failure = error


def every(
    cadence: timedelta,
    work: Work,
    *,
    loop: Loop,
    health: Health,
    limit: timedelta,
    at_end: Callable[[], Awaitable[None]] | None = None,
) -> Rounds:
    """Make the loop that does `work` every so often, and tell of it.

    A round that says that there is more to do is followed by the next one at once. A failure is
    logged once, waited out and tried again, whatever it is; readiness says so.

    Args:
        cadence: From the end of a round to the next one.
        work: One round.
        loop: Its name.
        health: Told of each round, and asked what is wrong.
        limit: How long it may be silent and still count as alive.
        at_end: Gives back what the rounds worked with, once it has been stopped.
    """
    beat = health.liveness.watch(loop, limit).beat
    rounds = Rounds(loop, cadence, work, beat=beat, at_end=at_end)
    health.readiness.require(f"{loop} loop", rounds.check)
    return rounds


def growing(failures: int) -> timedelta:
    """Give a pause that doubles with each failure, half of it by chance."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(failures - 1, 10)))
    return longest * random.uniform(0.5, 1)  # noqa: S311 - no secret


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
