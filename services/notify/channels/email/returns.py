"""Looks into the mailbox that our mails come back to, and takes what is reported there."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from services.notify.channels.email.bounce_mail import read_report
from services.notify.channels.email.bounce_mailbox import BounceMailbox
from services.notify.channels.email.writing import Sender
from services.notify.errors import MailboxUnreachable
from services.notify.reports.entering import Reports
from shared.events.vocabulary import Channel
from shared.observe.metrics import BOUNCE_MAILS, BounceMail
from shared.postgres.errors import TRANSIENT
from shared.service.loops import rest

logger = logging.getLogger(__name__)

BATCH = 100


class BounceReader:
    """Reads a batch, takes its reports, and only then marks its mails: none is lost."""

    def __init__(
        self,
        mailbox: BounceMailbox,
        sender: Sender,
        reports: Reports,
        *,
        progressed: Callable[[], None],
        pause: timedelta,
    ) -> None:
        """Wire it; `progressed` is called as a sign of life."""
        self._mailbox = mailbox
        self._sender = sender
        self._reports = reports
        self._progressed = progressed
        self._pause = pause
        self._refusal: MailboxUnreachable | None = None
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish the batch, and end."""
        self._stopping.set()

    async def check(self) -> None:
        """Be ready unless the mailbox couldn't be read at the last look.

        Raises:
            MailboxUnreachable: it couldn't.
        """
        if self._refusal is not None:
            raise self._refusal.with_traceback(None)

    async def run(self) -> None:
        """Look again and again, at once while there is more, until stopped."""
        while not self._stopping.is_set():
            self._progressed()
            try:
                more = await self._look() == BATCH
                self._refusal = None
            except MailboxUnreachable as error:
                if self._refusal is None:
                    logger.warning("%s", error)
                self._refusal, more = error, False
            except TRANSIENT as error:
                logger.warning("what came back can't be taken now", exc_info=error)
                more = False
            if not more:
                await rest(self._stopping, self._pause)

    async def _look(self) -> int:
        letters = await asyncio.to_thread(self._mailbox.unread, BATCH)
        if not letters:
            return 0
        read = {letter.uid: read_report(letter.content, self._sender) for letter in letters}
        await self._reports.take(Channel.EMAIL, [one for one in read.values() if one])
        dealt_with = [uid for uid, report in read.items() if report]
        for_people = [uid for uid, report in read.items() if not report]
        await asyncio.to_thread(self._mailbox.settle, dealt_with, for_people)
        BOUNCE_MAILS.of(BounceMail.REPORT).inc(len(dealt_with))
        BOUNCE_MAILS.of(BounceMail.OTHER).inc(len(for_people))
        return len(letters)
