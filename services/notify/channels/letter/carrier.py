"""Hands letters to the printer in runs."""

import asyncio
from datetime import UTC, datetime, timedelta

from services.notify.channels.letter.print_folder import PrintFolder
from services.notify.channels.letter.typesetting import require_typesetting
from services.notify.channels.letter.writing import Letter
from services.notify.sending.answer import Answer
from services.notify.sending.carrier import ProviderUnreachable
from shared.events.vocabulary import Channel
from shared.observe.metrics import PROVIDER_ERRORS, ProviderName

AT_ONCE = 200
"""Letters that may wait for their run: as many go into one."""
QUIET = timedelta(seconds=1)
"""A run is closed when no letter came for so long."""
_PROVIDER = ProviderName(Channel.LETTER.value)
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
            PROVIDER_ERRORS.of(_PROVIDER).inc()
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
