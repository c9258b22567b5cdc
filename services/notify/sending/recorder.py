"""Writes down what became of attempts, in small groups, with the events that follow from them."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import UUID

from services.notify.announcing import SOURCE, count_end, step
from services.notify.message import Attempt
from services.notify.sending import store
from services.notify.sending.errors import OutcomesRefused, OutcomesUnrecorded
from services.notify.sending.outcomes import Outcome, endings
from services.notify.states import TERMINAL, State
from shared.events.event import Event, new_event
from shared.held_items.holding import Holding
from shared.observe.metrics import (
    HANDOVER_DURATION,
    MESSAGES_HANDED_OVER,
    RECORD_DURATION,
    ProviderName,
)
from shared.observe.reasons import reason_of
from shared.postgres.errors import is_transient
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction

logger = logging.getLogger(__name__)

PAUSE = timedelta(seconds=1)
LAST_TRIES = 5
SLOW = timedelta(seconds=10)
HELD = 100

_COUNTED = TERMINAL | {State.HELD}

Result = tuple[Attempt, Outcome]


@dataclass(frozen=True, slots=True)
class _Held:
    """What became of an attempt, and when we learned it (monotonic seconds)."""

    result: Result
    answered: float


class Recorder:
    """Records outcomes as they come; what comes during a commit goes into the next one.

    It holds few: while the database is away or slow, whoever brings one waits. A message whose
    outcome the database will never take is set aside; no error ends the recorder.
    """

    def __init__(self, pool: Pool, holding: Holding, committed: Callable[[], None]) -> None:
        """Wire it.

        Args:
            pool: Connections to the database as the service's role.
            holding: Sets messages aside, beside the loop that sends them.
            committed: Called after each commit, to wake the relay.
        """
        self._pool = pool
        self._holding = holding
        self._committed = committed
        self._results: asyncio.Queue[_Held | None] = asyncio.Queue(HELD)
        self._hurried = False
        self._recording: tuple[float, int] | None = None

    async def put(self, attempt: Attempt, outcome: Outcome) -> None:
        """Take one result."""
        await self._results.put(_Held((attempt, outcome), monotonic()))

    def hurry(self) -> None:
        """Give up on what can't be recorded within a few tries: the service ends."""
        self._hurried = True

    async def end(self) -> None:
        """Record what is there, then end."""
        await self._results.put(None)

    def is_held_up(self) -> bool:
        """Whether recording takes longer than a healthy database needs."""
        if self._recording is None:
            return False
        began, _ = self._recording
        return monotonic() - began > SLOW.total_seconds()

    async def check(self) -> None:
        """Be ready unless held up.

        Raises:
            OutcomesUnrecorded: it is.
        """
        if self.is_held_up() and self._recording is not None:
            raise OutcomesUnrecorded(self._recording[1] + self._results.qsize())

    async def run(self) -> None:
        """Record until ended."""
        more = True
        while more:
            found = [await self._results.get()]
            while not self._results.empty():
                found.append(self._results.get_nowait())
            held = [one for one in found if one is not None]
            more = len(held) == len(found)
            if held:
                self._recording = monotonic(), len(held)
                await self._record([one.result for one in held])
                self._recording = None
                for one in held:
                    RECORD_DURATION.observe(monotonic() - one.answered)

    async def _record(self, results: Sequence[Result]) -> None:
        """Try until it is committed: messages without an outcome would be sent again."""
        failures = 0
        while True:
            try:
                await self._holding.each(results, self._commit, key=_message)
            except Exception as error:  # a loop goes on whatever happens
                failures += 1
                logger.warning("%d outcomes wait to be recorded", len(results), exc_info=error)
                if self._hurried and failures >= LAST_TRIES:
                    return
                await asyncio.sleep(PAUSE.total_seconds())
            else:
                return

    async def _commit(self, results: Sequence[Result]) -> None:
        """Write some down; what was written before changes nothing.

        Raises:
            OutcomesRefused: The database will never take one of them.
        """
        try:
            recorded = await self._write(results)
        except Exception as error:
            if is_transient(error):
                raise
            states = {outcome.state.value for _, outcome in results}
            raise OutcomesRefused(states, reason_of(error)) from error
        _count(results, recorded)
        self._committed()

    async def _write(self, results: Sequence[Result]) -> set[UUID]:
        async with self._pool.acquire() as connection, connection.transaction():
            recorded = await store.record(connection, results)
            transaction = Transaction(connection)
            transaction.publish_all(_events(results, recorded))
            transaction.reach(
                step(attempt, attempt.id, outcome.state)
                for attempt, outcome in results
                if attempt.id in recorded and outcome.state in TERMINAL
            )
            await transaction.flush()
        transaction.tell()
        return recorded


def _message(result: Result) -> str:
    attempt, _ = result
    return str(attempt.id)


def _events(results: Sequence[Result], recorded: Collection[UUID]) -> list[Event]:
    now = datetime.now(UTC)
    return [
        new_event(SOURCE, attempt.case_ref, facts, time=now, traceparent=attempt.traceparent)
        for attempt, outcome in results
        if attempt.id in recorded
        for facts in endings(attempt, outcome)
    ]


def _count(results: Sequence[Result], recorded: Collection[UUID]) -> None:
    now = datetime.now(UTC)
    for attempt, outcome in results:
        if attempt.id not in recorded or outcome.state not in _COUNTED:
            continue
        count_end(outcome.state, outcome.reason, attempt.channel)
        if outcome.state is State.ACCEPTED:
            provider = ProviderName(attempt.asked or attempt.channel.value)
            MESSAGES_HANDED_OVER.of(attempt.channel, provider).inc()
            took = now - attempt.planned_at
            HANDOVER_DURATION.of(attempt.channel).observe(took.total_seconds())
