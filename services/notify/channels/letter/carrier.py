"""Hands letters to the printer in runs, and takes what it acknowledges."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from services.notify.channels.letter.print_folder import Answered, PrintFolder, Verdict
from services.notify.channels.letter.typesetting import require_typesetting
from services.notify.channels.letter.writing import Letter
from services.notify.errors import RunUnacknowledged
from services.notify.reports.entering import Reports
from services.notify.reports.receipts import Report, of_letter
from services.notify.sending.answer import Answer
from services.notify.sending.carrier import ProviderUnreachable
from shared.events.vocabulary import Channel
from shared.held_items.holding import Holding

logger = logging.getLogger(__name__)

AT_ONCE = 200
"""Letters that may wait for their run: as many go into one."""
QUIET = timedelta(seconds=1)
"""A run is closed when no letter came for so long."""
PATIENCE = timedelta(days=3)
"""A weekend, and a day: then somebody must ask the printer."""
_FOLDER = "print folder"


class Press:
    """A carrier of letters; all sending loops share it, so those that come together go together."""

    def __init__(self, folder: PrintFolder, *, quiet: timedelta = QUIET) -> None:
        """Wire it; a run is closed when no letter came for `quiet`."""
        self._folder = folder
        self._quiet = quiet
        self._is_open = False
        self._opening = asyncio.Lock()
        self._waiting: list[Letter] = []
        self._run: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether the folder could be written to the last time."""
        return self._is_open

    async def open(self) -> None:
        """Look whether it can be, and whether letters can be written at all.

        Raises:
            ProviderUnreachable: not now.
            TypesettingUnavailable: What they are made with isn't installed.
        """
        async with self._opening:  # all loops ask at once, and libraries load in one thread
            if self._is_open:
                return
            await asyncio.to_thread(require_typesetting)
            try:
                await asyncio.to_thread(self._folder.open)
            except OSError as error:
                raise ProviderUnreachable(_FOLDER, type(error).__name__) from None
            self._is_open = True

    async def send(self, letter: Letter) -> Answer:
        """Put one letter into the next run, and wait until that is visible.

        Raises:
            ProviderUnreachable: It couldn't be written; nothing of it is visible.
        """
        self._waiting.append(letter)
        if self._run is None:
            self._run = asyncio.create_task(self._close_run())
        try:
            await asyncio.shield(self._run)
        except OSError as error:
            self._is_open = False
            raise ProviderUnreachable(_FOLDER, type(error).__name__) from None
        return Answer.ACCEPTED

    async def close(self) -> None:
        """Take leave; a run that was begun is finished first."""
        if self._run is not None:
            await asyncio.wait([self._run])

    async def _close_run(self) -> None:
        letters = 0
        while letters < len(self._waiting) < AT_ONCE:
            letters = len(self._waiting)
            await asyncio.sleep(self._quiet.total_seconds())
        run, self._waiting, self._run = self._waiting, [], None
        await asyncio.to_thread(self._folder.put, run, datetime.now(UTC))


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
