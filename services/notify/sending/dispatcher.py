"""The sending loops of one channel: claim what is due, hand it over, record what became of it.

Each channel has loops of its own, so that none waits for another one's provider.

A mail that the server took and whose outcome wasn't recorded, because the process was killed or
the database went away between the two, is sent again when its lease ends. Nobody can close this
window, because SMTP has no transaction with a database; outcomes are recorded at once, without
waiting for a full batch, so it is a few milliseconds wide. The repeat carries the same Message-ID.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product
from time import monotonic, perf_counter
from typing import Generic
from uuid import UUID

from services.notify.message import Claim
from services.notify.sending.answer import Answer
from services.notify.sending.carrier import (
    SEND_TIMEOUT,
    Carrier,
    Parcel,
    ProviderSilent,
    ProviderUnreachable,
)
from services.notify.sending.errors import MessagesUnreadable
from services.notify.sending.opening import Prepared
from services.notify.sending.outcomes import RELEASED, SET_ASIDE, Outcome, after
from services.notify.sending.recorder import Recorder
from services.notify.sending.store import ended
from shared.events.vocabulary import Channel
from shared.held_items.holding import Holding
from shared.observe.context import bound
from shared.observe.metrics import (
    CONNECTIONS,
    HANDOVER_DURATION,
    MESSAGES_HANDED_OVER,
    PROVIDER_ERRORS,
    SEND_DURATION,
    ProviderName,
)
from shared.observe.tracing import call_span, event_span
from shared.postgres.errors import is_transient
from shared.postgres.pool import Connection, Pool
from shared.service.loops import Rounds, growing, rest

logger = logging.getLogger(__name__)

IDLE = timedelta(milliseconds=200)
BATCH = 100
"""How many are claimed at once where the provider takes them fast."""
LOOK = timedelta(seconds=5)
SLOW = timedelta(seconds=10)

Claiming = Callable[[Connection, timedelta, Sequence[UUID]], Awaitable[Sequence[Claim]]]


@dataclass(frozen=True, slots=True)
class _Job:
    """A claimed message.

    Attributes:
        deadline: In monotonic seconds; afterwards it may be another process's.
        certain: The latest time that had certainly come when it was claimed.
        asked: When that was, in monotonic seconds.
    """

    claim: Claim
    deadline: float
    certain: datetime
    asked: float

    @property
    def now(self) -> datetime:
        """Give the time that has certainly come: a clock that is ahead must end no message."""
        return self.certain + timedelta(seconds=monotonic() - self.asked)


@dataclass(frozen=True, slots=True)
class Outlet(Generic[Parcel]):
    """How the messages of one channel leave.

    Attributes:
        channel: Which.
        provider: What people call who takes them, e.g. "mail server".
        claim: Takes some that are due but not those that are held, in a transaction, for the time
            of a lease.
        prepare: Writes what is handed over for a claimed message, or tells its outcome.
        connections: As many messages are handed over at once.
        gateways: What several providers are called; a single one is called as the channel is.
    """

    channel: Channel
    provider: str
    claim: Claiming
    prepare: Callable[[Claim], Awaitable[Prepared[Parcel] | Outcome]]
    connections: Sequence[Carrier[Parcel]]
    gateways: Sequence[str] = ()

    def expect(self) -> None:
        """Tell from the start of everything that can be counted and measured here."""
        CONNECTIONS.expect([(self.channel,)])
        SEND_DURATION.expect([(self.channel,)])
        HANDOVER_DURATION.expect([(self.channel,)])
        providers = [*map(ProviderName, self.gateways or (self.channel.value,))]
        MESSAGES_HANDED_OVER.expect(product([self.channel], providers))
        PROVIDER_ERRORS.expect(product(providers))


class Dispatcher(Generic[Parcel]):
    """Sends what is due on one channel, over several connections at once."""

    def __init__(
        self,
        pool: Pool,
        outlet: Outlet[Parcel],
        recorder: Recorder,
        holding: Holding,
        *,
        certain: Callable[[], Awaitable[datetime]],
        lease: timedelta,
        progressed: Callable[[], None],
    ) -> None:
        """Wire the loops.

        Args:
            pool: Connections to the database as the service's role.
            outlet: How the channel's messages leave.
            recorder: Takes the outcomes; it runs and ends with the loops.
            holding: Sets messages aside that can't be read or written.
            certain: Gives the latest time that has certainly come, by which messages are given up.
            lease: How long a claimed message is ours.
            progressed: Called as a sign of life.
        """
        outlet.expect()
        self._pool = pool
        self._outlet = outlet
        self._connections = outlet.connections
        self._recorder = recorder
        self._holding = holding
        self._certain = certain
        self._lease = lease
        self._progressed = progressed
        self._jobs: asyncio.Queue[_Job | None] = asyncio.Queue(2 * len(outlet.connections))
        self._open = 0
        self._refusal: ProviderUnreachable | None = None
        self._silent_since: float | None = None
        self._claiming = Rounds(holding.loop, IDLE, self._claim_due, beat=progressed)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish the messages that are being sent, give the others back, and end."""
        self._stopping.set()
        self._claiming.stop()
        self._recorder.hurry()

    async def check(self) -> None:
        """Be ready unless the provider is away or slow.

        Raises:
            ProviderUnreachable: it takes no connection.
            ProviderSilent: it takes them and answers nobody.
            RoundFails: messages can't be claimed, and that won't pass.
        """
        await self._claiming.check()
        if not self._open and self._refusal is not None:
            raise self._refusal.with_traceback(None)
        now = monotonic()
        silence = timedelta(seconds=now - (self._silent_since or now))
        if silence > SLOW or not self._open:
            raise ProviderSilent(self._outlet.provider, silence)

    async def run(self) -> None:
        """Send until stopped."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._recorder.run())
            async with asyncio.TaskGroup() as senders:
                senders.create_task(self._keep_claiming())
                for connection in self._connections:
                    senders.create_task(self._keep_sending(connection))
            await self._recorder.end()

    async def _keep_claiming(self) -> None:
        await self._claiming.run()
        for _ in self._connections:
            await self._jobs.put(None)

    async def _claim_due(self) -> bool:
        """Claim messages for whoever sends; tells whether there may be more."""
        passed_over = list(map(UUID, await self._holding.look()))
        if not self._open or self._recorder.is_held_up():
            return False
        try:
            jobs = await self._claim(passed_over)
        except MessagesUnreadable as unreadable:
            for message, error in unreadable.errors.items():
                await self._holding.hold(str(message), error)
            return True
        for job in jobs:
            await self._jobs.put(job)
        if not jobs and self._holding.again:
            await self._let_go_of_ended()
        return bool(jobs)

    async def _let_go_of_ended(self) -> None:
        """Settle messages that are to be tried again and have ended while they were held."""
        async with self._pool.acquire() as connection:
            over = await ended(connection, list(map(UUID, self._holding.again)))
        await self._holding.done(map(str, over))

    async def _claim(self, passed_over: Sequence[UUID]) -> list[_Job]:
        # Counted from before the claim and without the time of one attempt, so that a message is
        # never sent by two processes at once.
        deadline = monotonic() + (self._lease - SEND_TIMEOUT).total_seconds()
        async with self._pool.acquire() as connection, connection.transaction():
            claims = await self._outlet.claim(connection, self._lease, passed_over)
            if not claims:
                return []
            certain = await self._certain()  # where it can't be told, nothing is claimed
        asked = monotonic()
        return [_Job(claim, deadline, certain, asked) for claim in claims]

    async def _keep_sending(self, connection: Carrier[Parcel]) -> None:
        await self._connect(connection)
        while (job := await self._next_job(connection)) is not None:
            outcome = await self._attempt(connection, job)
            self._progressed()
            if outcome is None:
                continue
            await self._recorder.put(job.claim.attempt, outcome)
            if outcome is RELEASED and not self._stopping.is_set():
                self._change_open(-1)
                await self._connect(connection)
        await connection.close()

    async def _next_job(self, connection: Carrier[Parcel]) -> _Job | None:
        """Wait for a job; meanwhile renew a connection that the server has closed.

        So a provider that goes away is noticed before there is something to send.
        """
        while True:
            try:
                async with asyncio.timeout(LOOK.total_seconds()):
                    return await self._jobs.get()
            except TimeoutError:
                if not connection.is_open:
                    self._change_open(-1)
                    await self._connect(connection)

    async def _connect(self, connection: Carrier[Parcel]) -> None:
        """Try until the provider takes the connection, or until we stop."""
        failures = 0
        while not self._stopping.is_set():
            self._progressed()
            try:
                with self._asking(connection):
                    await connection.open()
            except Exception as error:
                self._refusal = self._told(error)
                failures += 1
                if failures == 1:
                    logger.warning("%s", self._refusal, exc_info=error)
                await rest(self._stopping, growing(failures))
                continue
            self._refusal = None
            self._change_open(+1)
            return

    async def _attempt(self, connection: Carrier[Parcel], job: _Job) -> Outcome | None:
        """Send one message; None when it isn't ours any more."""
        if self._stopping.is_set():
            return RELEASED
        if monotonic() > job.deadline:
            return None
        attempt = job.claim.attempt
        with (
            bound(case=attempt.case_ref, trace=attempt.traceparent),
            event_span("send message", attempt.traceparent),
        ):
            try:
                return await self._hand_over(connection, job)
            except ProviderUnreachable:
                return RELEASED
            except Exception as error:  # noqa: BLE001 - one message must not stop the others
                return await self._failed(job, error)

    async def _failed(self, job: _Job, error: Exception) -> Outcome:
        """Set a message aside for what doesn't pass; one that can't be is tried again later."""
        attempt = job.claim.attempt
        try:
            if not is_transient(error):
                await self._holding.hold(str(attempt.id), error)
                return SET_ASIDE
        except Exception as refusal:  # noqa: BLE001 - the database is away, or too many are held
            error = refusal
        # Only the kind: the words of an unknown error may hold an address.
        logger.error("message %s: unexpected %s", attempt.id, type(error).__qualname__)
        return after(Answer.LATER, attempt, job.now)

    async def _hand_over(self, connection: Carrier[Parcel], job: _Job) -> Outcome:
        prepared = await self._outlet.prepare(job.claim)
        if isinstance(prepared, Outcome):
            return prepared
        began = perf_counter()
        with self._asking(connection), call_span(f"hand over {self._outlet.channel}"):
            answer = await connection.send(prepared.parcel)
        SEND_DURATION.of(self._outlet.channel).observe(perf_counter() - began)
        outcome = after(answer, job.claim.attempt, job.now)
        return replace(outcome, copy=prepared.copy) if outcome.handed_over else outcome

    def _told(self, error: Exception) -> ProviderUnreachable:
        if isinstance(error, ProviderUnreachable):
            return error
        return ProviderUnreachable(self._outlet.provider, type(error).__qualname__)

    @contextmanager
    def _asking(self, connection: Carrier[Parcel]) -> Iterator[None]:
        """Note since when the server has been asked and has answered nobody."""
        self._silent_since = self._silent_since or monotonic()
        yield
        if connection.is_open:  # else the server hung up, or we did after waiting in vain
            self._silent_since = None

    def _change_open(self, by: int) -> None:
        self._open += by
        CONNECTIONS.of(self._outlet.channel).set(self._open)
