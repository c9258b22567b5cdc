"""Looks into the event logs of what went to mailboxes, and takes what is reported there."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from services.notify import store
from services.notify.channels.mailbox.fit_connect import FitConnect, SubmissionGone
from services.notify.channels.mailbox.security_event import EventForged, SecurityEvent
from services.notify.channels.mailbox.writing import Submission
from services.notify.reports.entering import Reports
from services.notify.reports.receipts import ON_ITS_WAY, Receipt, Report, of_submission
from services.notify.sending.carrier import ProviderUnreachable
from shared.events.vocabulary import Channel
from shared.postgres.errors import TRANSIENT
from shared.postgres.pool import Pool
from shared.service.loops import rest

logger = logging.getLogger(__name__)

BATCH = 50
AT_ONCE = 8
LONGEST_PAUSE = timedelta(hours=1)
TOLD_FOR = timedelta(days=15)
"""What nobody fetches is rejected by the service after 14 days."""
IDLE = timedelta(milliseconds=200)
AWAY = timedelta(seconds=10)
"""How long to wait where a log couldn't be read."""


EventLog = Sequence[SecurityEvent | EventForged]


class EventLogReader:
    """Takes logs that are due, reads them, takes the reports, and only then looks no more.

    Several processes share the work. A log that couldn't be read is due again soon.
    """

    def __init__(
        self,
        pool: Pool,
        fit_connect: FitConnect,
        reports: Reports,
        *,
        progressed: Callable[[], None],
        pause: timedelta,
    ) -> None:
        """Wire it.

        Args:
            pool: Connections to the database as the service's role.
            fit_connect: Has the logs; it is closed at the end.
            reports: Takes what they say.
            progressed: Called as a sign of life.
            pause: Between the first two looks into a log; it doubles with each.
        """
        self._pool = pool
        self._fit_connect = fit_connect
        self._reports = reports
        self._progressed = progressed
        self._pause = pause
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._refusal: ProviderUnreachable | None = None
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish the batch, and end."""
        self._stopping.set()

    async def check(self) -> None:
        """Be ready unless the last look failed.

        Raises:
            ProviderUnreachable: it did.
        """
        if self._refusal is not None:
            raise self._refusal.with_traceback(None)

    async def run(self) -> None:
        """Look again and again, at once while there is more, until stopped."""
        while not self._stopping.is_set():
            self._progressed()
            try:
                more = await self._look() == BATCH and self._refusal is None
            except TRANSIENT as error:
                logger.warning("what mailboxes report can't be taken now", exc_info=error)
                more = False
            if not more:
                await rest(self._stopping, IDLE if self._refusal is None else AWAY)
        await self._fit_connect.close()

    async def _look(self) -> int:
        async with self._pool.acquire() as connection:
            due = await store.take_looks(connection, BATCH, self._pause, LONGEST_PAUSE, TOLD_FOR)
        if not due:
            return 0
        logs = await asyncio.gather(*(self._read(one) for one in due.values()))
        read = dict(zip(due, logs, strict=True))
        self._note([one for one in logs if isinstance(one, ProviderUnreachable)])
        found = {
            message: told
            for message, log in read.items()
            if not isinstance(log, ProviderUnreachable)
            and (told := _told(message, log)) is not None
        }
        reports = [Report(message, receipt) for message, (receipt, _) in found.items()]
        await self._reports.take(Channel.MAILBOX, reports)
        unread = [one for one, log in read.items() if isinstance(log, ProviderUnreachable)]
        ended = {one: by for one, (receipt, by) in found.items() if receipt is not ON_ITS_WAY}
        async with self._pool.acquire() as connection:
            await store.put_off_looks(connection, unread, AWAY)
            await store.end_looks(connection, ended)
        return len(due)

    async def _read(self, submission: Submission) -> EventLog | ProviderUnreachable:
        async with self._turns:
            try:
                return await self._fit_connect.events(submission)
            except SubmissionGone:
                return []
            except ProviderUnreachable as error:
                return error

    def _note(self, refusals: list[ProviderUnreachable]) -> None:
        if refusals and self._refusal is None:
            logger.warning("%s", refusals[0])
        self._refusal = refusals[0] if refusals else None


def _told(message: UUID, log: EventLog) -> tuple[Receipt, SecurityEvent] | None:
    """Read what is believed, and say what isn't."""
    for forged in (one for one in log if isinstance(one, EventForged)):
        logger.error("an event about message %s isn't believed: it %s", message, forged)
    return of_submission(one for one in log if isinstance(one, SecurityEvent))
