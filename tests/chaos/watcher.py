"""Looks at the databases while everything breaks: how far each consumer is, and what waits."""

import asyncio
import time
from bisect import bisect
from collections.abc import Sequence
from threading import Event, Thread
from types import TracebackType
from typing import NamedTuple, Self

import asyncpg

from shared.postgres.errors import TRANSIENT
from tests.chaos.load import GAP
from tests.chaos.sender import Sender
from tests.chaos.town import Town

LOOK = 0.25
SOON = 1.0
LOOKS_AT_HELD = 20
# Applied, or set aside for an operator: whatever was acknowledged and read ends as one of them.
_STATE = """
SELECT (SELECT coalesce(sum(last_sequence), 0) FROM controlling.inbox
        WHERE topic = 'case-events')
           + (SELECT count(*) FROM controlling.parked WHERE sequence < $1)
           + (SELECT count(DISTINCT (subject, sequence)) FROM controlling.dead_letter
              WHERE state = 'open' AND defect = 'handler_refused') AS controlling,
       (SELECT coalesce(sum(last_sequence), 0) FROM notify.inbox
        WHERE topic = 'case-events') AS notify,
       (SELECT count(*) FROM intake.outbox) + (SELECT count(*) FROM controlling.outbox)
           + (SELECT count(*) FROM notify.outbox) AS unpublished,
       (SELECT count(*) FROM notify.message WHERE state IN ('planned', 'sending')) AS unsent
"""


class Sample(NamedTuple):
    """One look: when, how many events had a receipt, how many both consumers had applied."""

    at: float
    acknowledged: int
    applied: int


class Watcher(Thread):
    """Samples the state in a thread of its own; a database that is away is no sample."""

    def __init__(self, town: Town, sender: Sender) -> None:
        super().__init__(name="watcher", daemon=True)
        self._url = town.addresses.database_url
        self._sender = sender
        self._samples: list[Sample] = []
        self._waiting: int | None = None
        self._ended = Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        asyncio.run(self._watch())

    @property
    def applied(self) -> int:
        """How many events the slower consumer has applied, or set aside, at the last look."""
        return self._samples[-1].applied if self._samples else 0

    def caught_up(self) -> bool:
        """Whether both consumers have applied, or set aside, all that was acknowledged."""
        return bool(self._samples) and self.applied >= len(self._sender.acknowledged)

    def idle(self) -> bool:
        """Whether nothing waits anywhere."""
        return self._waiting == 0

    def recovery(self, faults: Sequence[float]) -> list[float]:
        """Seconds from each fault until the way from receipt to effect was open again.

        That is when an event acknowledged after the fault had been applied by both consumers, and
        nothing waited that had been acknowledged more than a second before.
        """
        return [self._recovered(began) - began for began in faults]

    def _recovered(self, began: float) -> float:
        target = self._acknowledged_at(began)
        for sample in self._samples:
            overdue = self._acknowledged_at(sample.at - SOON)
            if sample.at >= began and sample.applied > target and sample.applied >= overdue:
                return sample.at
        return self._samples[-1].at

    def _acknowledged_at(self, moment: float) -> int:
        number = bisect(self._samples, moment, key=lambda sample: sample.at)
        return self._samples[number - 1].acknowledged if number else 0

    async def _watch(self) -> None:
        while not self._ended.is_set():
            try:
                await self._session()
            except (*TRANSIENT, asyncpg.PostgresError):
                await asyncio.sleep(LOOK)

    async def _session(self) -> None:
        connection = await asyncpg.connect(self._url, timeout=5, command_timeout=5)
        try:
            while not self._ended.is_set():
                [row] = await connection.fetch(_STATE, GAP)
                applied = int(min(row["controlling"], row["notify"]))
                acknowledged = len(self._sender.acknowledged)
                self._samples.append(Sample(time.monotonic(), acknowledged, applied))
                self._waiting = int(row["unpublished"] + row["unsent"])
                await asyncio.sleep(LOOK)
        finally:
            connection.terminate()


async def forget_leases(town: Town) -> None:
    """Let the minutes pass after which a killed process's messages become another one's.

    A lease is at least three minutes long; messages that living processes hold end within seconds.
    """
    connection = await asyncpg.connect(town.addresses.database_url)
    try:
        for _ in range(LOOKS_AT_HELD):
            if not await connection.fetchval(_HELD):
                return
            await asyncio.sleep(0.5)
        await connection.execute("UPDATE notify.message SET due_at = now() WHERE state = 'sending'")
    finally:
        await connection.close()


_HELD = "SELECT EXISTS (SELECT FROM notify.message WHERE state IN ('planned', 'sending'))"
