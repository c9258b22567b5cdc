"""Takes what the printer acknowledges."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from services.notify.channels.letter.acknowledgement import of_letter
from services.notify.channels.letter.errors import RunUnacknowledged
from services.notify.channels.letter.print_folder import Answered, PrintFolder, Verdict
from services.notify.reports.entering import Reports
from services.notify.reports.receipts import Report
from shared.events.vocabulary import Channel
from shared.held_items.holding import Holding

logger = logging.getLogger(__name__)

PATIENCE = timedelta(days=3)
"""A weekend, and a day: then somebody must ask the printer."""


class AcknowledgementReader:
    """Reads what the printer wrote back, takes it, and only then forgets it: none is lost."""

    def __init__(self, folder: PrintFolder, reports: Reports, holding: Holding) -> None:
        """Wire it; `holding` sets files aside that can't be dealt with."""
        self._folder = folder
        self._reports = reports
        self._holding = holding
        self._waiting_since: datetime | None = None

    async def check(self) -> None:
        """Be ready unless a run waits too long for its acknowledgement.

        Raises:
            RunUnacknowledged: one does.
        """
        since = self._waiting_since
        if since is not None and datetime.now(UTC) - since > PATIENCE:
            raise RunUnacknowledged(since)

    async def look(self) -> None:
        """Deal with what the printer wrote back.

        Raises:
            OSError: The folder can't be read.
        """
        passed_over = await self._holding.look()
        await asyncio.to_thread(self._folder.open)
        await self._see_what_waits()  # a run that can't be read isn't the fault of what follows
        for answered in await asyncio.to_thread(self._folder.answered):
            if answered.file.name not in passed_over:
                async with self._holding.item(answered.file.name):
                    await self._take(answered)
        await self._see_what_waits()

    async def _see_what_waits(self) -> None:
        self._waiting_since = await asyncio.to_thread(self._folder.waiting_since)

    async def _take(self, answered: Answered) -> None:
        said = answered.acknowledgement
        if said is None:
            logger.error("%s is no acknowledgement; it is set aside", answered.file.name)
        else:
            reports = [Report(one, of_letter(verdict)) for one, verdict in said.letters.items()]
            await self._reports.take(Channel.LETTER, reports)
            refused = sum(verdict is not Verdict.POSTED for verdict in said.letters.values())
            logger.info(
                "the printer acknowledged letters",
                extra={"letters": len(reports), "not_posted": refused},
            )
        await asyncio.to_thread(self._folder.settle, answered)
