"""Messages to mailboxes, wired: FIT-Connect takes them, and its event logs are read."""

from collections.abc import Callable
from functools import partial

from services.notify.channels.mailbox.carrier import BATCH, Postbox
from services.notify.channels.mailbox.fit_connect import FitConnect
from services.notify.channels.mailbox.fit_connect_keys import FitConnectKeys
from services.notify.channels.mailbox.returns import IDLE, EventLogReader
from services.notify.channels.mailbox.settings import Settings
from services.notify.channels.mailbox.writing import MailboxMessage, MailboxWriter, write
from services.notify.messages.materials import Materials
from services.notify.parts import REPORTS_LIMIT, Parts, Way, Wired
from services.notify.sending.dispatcher import Dispatcher, Outlet
from services.notify.sending.simulation import Simulation
from services.notify.sending.store import claim
from shared.events.vocabulary import Channel
from shared.observe.metrics import Loop
from shared.security.secrets import SecretName, SecretStore
from shared.service.loops import Rounds

Connecting = Callable[[], FitConnect]


class Wiring:
    """Messages to mailboxes; carried if FIT-Connect is set."""

    def __init__(self, secrets: SecretStore, materials: Materials) -> None:  # noqa: ARG002 - a way's
        """Read settings and secrets.

        Raises:
            SecretMissing, SecretMalformed: The secret of FIT-Connect can't be used.
        """
        self._settings = Settings()
        self._connect = _connecting(self._settings, secrets)

    @property
    def is_carried(self) -> bool:
        """Whether FIT-Connect is set."""
        return self._connect is not None

    def wire(self, parts: Parts) -> Wired:
        """Put the loops together: one to send, one to hear what came of it."""
        if self._connect is None:
            return Wired({})
        return Wired(
            {
                Loop.MAILBOX_DELIVERY: self._dispatcher(parts, self._connect()),
                Loop.EVENT_LOG: self._reader(parts, self._connect()),
            }
        )

    def _dispatcher(self, parts: Parts, fit_connect: FitConnect) -> Dispatcher[MailboxMessage]:
        look_after = self._settings.event_log_pause
        postbox = Postbox(parts.spine.pool, fit_connect, look_after=look_after)
        carrier = Simulation(Channel.MAILBOX, postbox, parts.reports)
        outlet = Outlet(
            Channel.MAILBOX,
            "FIT-Connect",
            partial(claim, channel=Channel.MAILBOX, limit=BATCH),
            MailboxWriter(parts.opening, parts.materials).prepare,
            [carrier] * self._settings.mailbox_connections,
        )
        return parts.dispatcher(outlet, Loop.MAILBOX_DELIVERY)

    def _reader(self, parts: Parts, fit_connect: FitConnect) -> Rounds:
        reader = EventLogReader(
            parts.spine.pool,
            fit_connect,
            parts.reports,
            parts.spine.holding(Loop.EVENT_LOG),
            pause=self._settings.event_log_pause,
        )
        look = parts.spine.clock.sure(reader.look)  # after a while it ends looking
        return parts.every(IDLE, look, Loop.EVENT_LOG, REPORTS_LIMIT, at_end=fit_connect.close)


def _connecting(settings: Settings, secrets: SecretStore) -> Connecting | None:
    """Give what makes connections to FIT-Connect."""
    if settings.fit_connect is None:
        return None
    keys = FitConnectKeys.parse(secrets.text(SecretName.FIT_CONNECT))
    return partial(FitConnect, settings.fit_connect, keys, keys.author())


WAY = Way(Channel.MAILBOX, write, Wiring)
