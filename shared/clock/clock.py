"""A service's sense of time."""

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from shared.clock import store
from shared.clock.errors import ClockDoubtful
from shared.clock.judging import LONGEST_ABSENCE, Anchor, Reading, disagreement, doubt
from shared.postgres.pool import Pool

LOOK = timedelta(seconds=10)
LIMIT = timedelta(minutes=3)
_Work = Callable[[], Awaitable[bool | None]]


def _running() -> timedelta:
    # Goes on while a machine sleeps, and is set by nobody.
    return timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME))


class Clock:
    """Tells whether the time can be believed, and remembers which was.

    Args:
        pool: Connections as the service's role; its database's clock is the one that counts.
        longest_absence: How long nothing may have run.
        running: How long the machine has run.
        own: The time by this process's clock.
    """

    def __init__(
        self,
        pool: Pool,
        longest_absence: timedelta = LONGEST_ABSENCE,
        *,
        running: Callable[[], timedelta] = _running,
        own: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._pool, self._longest_absence = pool, longest_absence
        self._running, self._own = running, own
        self._anchor: Anchor | None = None

    async def require(self) -> None:
        """Look at the clocks, and remember what is believed.

        Raises:
            ClockDoubtful: something speaks against them.
        """
        async with self._pool.acquire() as connection:
            now, memory = await store.read(connection)
            reading = Reading(now, self._own(), self._running())
            against = doubt(reading, memory, self._anchor, self._longest_absence)
            if against is not None:
                await store.doubt(connection, now)
            # Not remembered: it shows as long as it lasts, and the wrong clock may be ours.
            if reason := disagreement(reading) or against:
                raise ClockDoubtful(reason)
            await store.believe(connection, now)
        self._anchor = Anchor(now, reading.running, memory.accepted)

    async def certain(self) -> datetime:
        """Give the latest time that has certainly come, whatever the clocks say.

        That is the time that was believed last, and as long behind it as the machine has run since.
        """
        if self._anchor is None:
            with suppress(ClockDoubtful):
                await self.require()
        if (anchor := self._anchor) is not None:
            return anchor.at + (self._running() - anchor.running)
        async with self._pool.acquire() as connection:
            return (await store.read(connection))[1].known

    def sure(self, work: _Work) -> _Work:
        """Let a loop work only while the time can be believed: what it does can't be undone."""

        async def when_sure() -> bool | None:
            await self.require()
            return await work()

        return when_sure
