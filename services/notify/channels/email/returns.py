"""Looks into the mailbox that our mails come back to, and takes what is reported there."""

import asyncio
from collections.abc import Sequence

from services.notify.channels.email.bounce_mail import read_report
from services.notify.channels.email.client import BounceMailbox, Letter
from services.notify.messages.materials import Sender
from services.notify.reports.entering import Reports
from shared.events.vocabulary import Channel
from shared.held_items.holding import Holding
from shared.observe.metrics import BOUNCE_MAILS, BounceMail

BATCH = 100


class BounceReader:
    """Reads a batch, takes its reports, and only then marks its mails: none is lost."""

    def __init__(
        self, mailbox: BounceMailbox, sender: Sender, reports: Reports, holding: Holding
    ) -> None:
        """Wire it; `holding` sets mails aside that can't be dealt with."""
        self._mailbox = mailbox
        self._sender = sender
        self._reports = reports
        self._holding = holding

    async def look(self) -> bool:
        """Deal with what is unread; tells whether there is more.

        Raises:
            MailboxUnreachable: The mailbox can't be read.
        """
        passed_over = await self._holding.look()
        letters = await asyncio.to_thread(self._mailbox.unread, BATCH, passed_over)
        await self._holding.each(letters, self._take, key=lambda letter: letter.name)
        return len(letters) == BATCH

    async def _take(self, letters: Sequence[Letter]) -> None:
        read = [(one, read_report(one.content, self._sender)) for one in letters]
        await self._reports.take(Channel.EMAIL, [report for _, report in read if report])
        dealt_with = [letter for letter, report in read if report]
        for_people = [letter for letter, report in read if not report]
        await asyncio.to_thread(self._mailbox.settle, dealt_with, for_people)
        BOUNCE_MAILS.of(BounceMail.REPORT).inc(len(dealt_with))
        BOUNCE_MAILS.of(BounceMail.OTHER).inc(len(for_people))
