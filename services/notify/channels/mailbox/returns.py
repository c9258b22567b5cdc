"""Looks into the event logs of what went to mailboxes, and takes what is reported there."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from services.notify.channels.mailbox import store
from services.notify.channels.mailbox.event_log import of_submission
from services.notify.channels.mailbox.fit_connect import FitConnect, SubmissionGone
from services.notify.channels.mailbox.security_event import EventForged, SecurityEvent
from services.notify.channels.mailbox.writing import Submission
from services.notify.reports.entering import Reports
from services.notify.reports.receipts import ON_ITS_WAY, Receipt, Report
from services.notify.sending.carrier import ProviderUnreachable
from shared.events.vocabulary import Channel
from shared.held_items.holding import Holding
from shared.postgres.pool import Pool

logger = logging.getLogger(__name__)

BATCH = 50
AT_ONCE = 8
LONGEST_PAUSE = timedelta(hours=1)
TOLD_FOR = timedelta(days=15)
"""What nobody fetches is rejected by the service after 14 days."""
IDLE = timedelta(milliseconds=200)
AWAY = timedelta(seconds=10)
"""When to look again at a log that couldn't be read."""

Told = tuple[Receipt, SecurityEvent]
"""What a log says of its message, and the event that says it."""


class EventLogReader:
    """Takes logs that are due, reads them, takes the reports, and only then looks no more.

    Several processes share the work. A log that couldn't be read is due again soon.
    """

    def __init__(
        self,
        pool: Pool,
        fit_connect: FitConnect,
        reports: Reports,
        holding: Holding,
        *,
        pause: timedelta,
    ) -> None:
        """Wire it.

        Args:
            pool: Connections to the database as the service's role.
            fit_connect: Has the logs.
            reports: Takes what they say.
            holding: Sets messages aside whose log can't be dealt with.
            pause: Between the first two looks into a log; it doubles with each.
        """
        self._pool = pool
        self._fit_connect = fit_connect
        self._reports = reports
        self._holding = holding
        self._pause = pause
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def look(self) -> bool:
        """Deal with the logs that are due; tells whether there is more.

        Raises:
            ProviderUnreachable: Not all could be read.
        """
        passed_over = list(map(UUID, await self._holding.look()))
        async with self._pool.acquire() as connection:
            due = await store.take_looks(
                connection, BATCH, self._pause, LONGEST_PAUSE, TOLD_FOR, passed_over=passed_over
            )
        logs = await asyncio.gather(*(self._read(*one) for one in due.items()))
        read = dict(zip(due, logs, strict=True))
        told = [(one, log) for one, log in read.items() if isinstance(log, tuple)]
        await self._holding.each(told, self._take, key=lambda one: str(one[0]))
        unread = {one: log for one, log in read.items() if isinstance(log, ProviderUnreachable)}
        async with self._pool.acquire() as connection:
            await store.put_off_looks(connection, list(unread), AWAY)
        for refusal in unread.values():
            raise refusal
        return len(due) == BATCH

    async def _read(
        self, message: UUID, submission: Submission
    ) -> Told | ProviderUnreachable | None:
        async with self._turns, self._holding.item(str(message)):
            try:
                return _told(message, await self._fit_connect.events(submission))
            except SubmissionGone:
                return None
            except ProviderUnreachable as error:
                return error
        return None

    async def _take(self, found: Sequence[tuple[UUID, Told]]) -> None:
        reports = [Report(message, receipt) for message, (receipt, _) in found]
        await self._reports.take(Channel.MAILBOX, reports)
        ended = {message: by for message, (receipt, by) in found if receipt is not ON_ITS_WAY}
        async with self._pool.acquire() as connection:
            await store.end_looks(connection, ended)


def _told(message: UUID, log: Sequence[SecurityEvent | EventForged]) -> Told | None:
    """Read what is believed, and say what isn't."""
    for forged in (one for one in log if isinstance(one, EventForged)):
        logger.error("an event about message %s isn't believed: it %s", message, forged)
    return of_submission(one for one in log if isinstance(one, SecurityEvent))
