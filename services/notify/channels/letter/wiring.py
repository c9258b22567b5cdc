"""Letters, wired: a print service takes them from a folder, and acknowledges them there."""

from functools import partial
from pathlib import Path

from services.notify.channels.letter.carrier import AT_ONCE, Press
from services.notify.channels.letter.print_folder import PrintFolder
from services.notify.channels.letter.returns import AcknowledgementReader
from services.notify.channels.letter.settings import Settings
from services.notify.channels.letter.writing import Letter, LetterWriter, write
from services.notify.messages.materials import Materials
from services.notify.parts import REPORTS_LIMIT, Parts, Way, Wired, utc_now
from services.notify.sending.dispatcher import BATCH, Dispatcher, Outlet
from services.notify.sending.simulation import Simulation
from services.notify.sending.store import claim
from shared.events.vocabulary import Channel
from shared.observe.metrics import Loop
from shared.organisation.calendar import Calendar
from shared.security.secrets import SecretStore
from shared.service.loops import Rounds


class Wiring:
    """Letters; carried if there is a folder for them."""

    def __init__(self, secrets: SecretStore, materials: Materials) -> None:  # noqa: ARG002 - a way's
        """Read the settings."""
        self._settings = Settings()
        self._print_run = self._settings.print_run(Calendar.of(materials.organisation))

    @property
    def is_carried(self) -> bool:
        """Whether there is a folder for them."""
        return self._settings.print_folder is not None

    def wire(self, parts: Parts) -> Wired:
        """Put the loops together: one puts letters there, one takes what is acknowledged."""
        folder = self._settings.print_folder
        if folder is None:
            return Wired({})
        return Wired(
            {
                Loop.PRINTING: self._dispatcher(parts, folder),
                Loop.ACKNOWLEDGEMENTS: self._reader(parts, folder),
            }
        )

    def _dispatcher(self, parts: Parts, folder: Path) -> Dispatcher[Letter]:
        writer = LetterWriter(parts.opening, parts.materials, utc_now, self._print_run)
        outlet = Outlet(
            Channel.LETTER,
            "print folder",
            partial(claim, channel=Channel.LETTER, limit=BATCH),
            writer.prepare,
            [Simulation(Channel.LETTER, Press(PrintFolder(folder)), parts.reports)] * AT_ONCE,
        )
        return parts.dispatcher(outlet, Loop.PRINTING)

    def _reader(self, parts: Parts, folder: Path) -> Rounds:
        holding = parts.spine.holding(Loop.ACKNOWLEDGEMENTS)
        reader = AcknowledgementReader(PrintFolder(folder), parts.reports, holding)
        parts.health.readiness.require("acknowledgements of the printer", reader.check)
        pause = self._settings.acknowledgement_pause
        return parts.every(pause, reader.look, Loop.ACKNOWLEDGEMENTS, REPORTS_LIMIT)


WAY = Way(Channel.LETTER, write, Wiring)
