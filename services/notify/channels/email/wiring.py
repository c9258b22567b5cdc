"""E-mail, wired: mails leave by SMTP; what comes back is read from a mailbox or taken by HTTP."""

import ssl
from functools import partial

from services.notify.channels.email.carrier import SmtpAddress, SmtpConnection
from services.notify.channels.email.client import BounceMailbox, MailboxAddress
from services.notify.channels.email.dkim import Signing
from services.notify.channels.email.returns import BounceReader
from services.notify.channels.email.settings import Settings
from services.notify.channels.email.webhook import MailReports, router
from services.notify.channels.email.writing import Mail, MailWriter, write
from services.notify.messages.materials import Materials
from services.notify.parts import REPORTS_LIMIT, Parts, Way, Wired
from services.notify.sending.dispatcher import BATCH, Dispatcher, Outlet
from services.notify.sending.simulation import Simulation
from services.notify.sending.store import claim
from shared.events.vocabulary import Channel
from shared.observe.metrics import Loop
from shared.security.key_ring import KeyRing
from shared.security.secrets import SecretName, SecretStore
from shared.service.loops import Looping, Rounds


class Wiring:
    """E-mail; somebody always carries it."""

    is_carried = True

    def __init__(self, secrets: SecretStore, materials: Materials) -> None:
        """Read settings and secrets.

        Raises:
            SmtpUrlInvalid, MailboxUrlInvalid: An address can't be used.
            SecretMissing, SecretMalformed, DkimKeyInvalid: A secret can't.
        """
        self._settings = Settings()
        self._address = SmtpAddress.parse(self._settings.smtp_url)
        self._signing = _signing(self._settings, secrets, materials)
        self._report_keys = KeyRing(secrets, SecretName.MAIL_REPORT_KEY)
        self._mailbox = _bounce_mailbox(self._settings)

    def connection(self) -> SmtpConnection:
        """Give a connection to the mail server."""
        return SmtpConnection(self._address, ssl.create_default_context(), self._signing)

    def wire(self, parts: Parts) -> Wired:
        """Put the loops together: one sends; one reads what came back, where it is known where."""
        sender = parts.materials.sender
        parts.state.mail_reports = MailReports(sender, self._report_keys, parts.reports)
        loops: dict[Loop, Looping] = {Loop.DELIVERY: self._dispatcher(parts)}
        if self._mailbox is not None:
            loops[Loop.BOUNCES] = self._reader(parts, self._mailbox)
        return Wired(loops)

    def _dispatcher(self, parts: Parts) -> Dispatcher[Mail]:
        connections = [self.connection() for _ in range(self._settings.smtp_connections)]
        outlet = Outlet(
            Channel.EMAIL,
            "mail server",
            partial(claim, channel=Channel.EMAIL, limit=BATCH),
            MailWriter(parts.opening, parts.materials).prepare,
            [Simulation(Channel.EMAIL, one, parts.reports) for one in connections],
        )
        return parts.dispatcher(outlet, Loop.DELIVERY)

    def _reader(self, parts: Parts, mailbox: BounceMailbox) -> Rounds:
        holding = parts.spine.holding(Loop.BOUNCES)
        reader = BounceReader(mailbox, parts.materials.sender, parts.reports, holding)
        pause = self._settings.bounce_pause
        return parts.every(pause, reader.look, Loop.BOUNCES, REPORTS_LIMIT)


def _signing(settings: Settings, secrets: SecretStore, materials: Materials) -> Signing | None:
    if settings.dkim_selector is None:
        return None
    return Signing(secrets, settings.dkim_selector, materials.sender.domain)


def _bounce_mailbox(settings: Settings) -> BounceMailbox | None:
    if settings.bounce_mailbox is None:
        return None
    address = MailboxAddress.parse(settings.bounce_mailbox.get_secret_value())
    return BounceMailbox(address, ssl.create_default_context())


WAY = Way(Channel.EMAIL, write, Wiring, router)
