"""Writes down what became of attempts, in small groups, with the events that follow from them."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.notify import store
from services.notify.delivery.outcomes import Attempt, Outcome, endings
from services.notify.delivery.states import TERMINAL
from shared.events.event import Event, new_event
from shared.observe.metrics import MESSAGES, MessageState
from shared.postgres.errors import TRANSIENT
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction

logger = logging.getLogger(__name__)

SOURCE = "urn:gleichfall:notify"
PAUSE = timedelta(seconds=1)
LAST_TRIES = 5

Result = tuple[Attempt, Outcome]


class Recorder:
    """Records outcomes as they come; what comes during a commit goes into the next one."""

    def __init__(self, pool: Pool, committed: Callable[[], None]) -> None:
        """Wire a recorder; `committed` is called after each commit, to wake the relay."""
        self._pool = pool
        self._committed = committed
        self._results: asyncio.Queue[Result | None] = asyncio.Queue()
        self._ending = False

    def put(self, attempt: Attempt, outcome: Outcome) -> None:
        """Take one result."""
        self._results.put_nowait((attempt, outcome))

    def end(self) -> None:
        """Record what is there, then end."""
        self._ending = True
        self._results.put_nowait(None)

    async def run(self) -> None:
        """Record until ended."""
        more = True
        while more:
            found = [await self._results.get()]
            while not self._results.empty():
                found.append(self._results.get_nowait())
            results = [result for result in found if result is not None]
            more = len(results) == len(found)
            if results:
                await self._record(results)

    async def _record(self, results: Sequence[Result]) -> None:
        """Try until it is committed: messages without an outcome would be sent again."""
        failures = 0
        while True:
            try:
                recorded = await self._commit(results)
            except TRANSIENT as error:
                failures += 1
                logger.warning("%d outcomes wait to be recorded", len(results), exc_info=error)
                if self._ending and failures == LAST_TRIES:
                    return
                await asyncio.sleep(PAUSE.total_seconds())
                continue
            _count(results, recorded)
            self._committed()
            return

    async def _commit(self, results: Sequence[Result]) -> set[UUID]:
        async with self._pool.acquire() as connection, connection.transaction():
            recorded = await store.record(connection, results)
            transaction = Transaction(connection)
            transaction.publish_all(_events(results, recorded))
            await transaction.flush()
        return recorded


def _events(results: Sequence[Result], recorded: Collection[UUID]) -> list[Event]:
    now = datetime.now(UTC)
    return [
        new_event(SOURCE, attempt.case_ref, facts, time=now, traceparent=attempt.traceparent)
        for attempt, outcome in results
        if attempt.id in recorded
        for facts in endings(attempt, outcome)
    ]


def _count(results: Sequence[Result], recorded: Collection[UUID]) -> None:
    for attempt, outcome in results:
        if attempt.id in recorded and outcome.state in TERMINAL:
            MESSAGES.of(MessageState(outcome.state.value), attempt.channel).inc()
