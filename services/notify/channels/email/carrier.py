"""One SMTP connection that stays open, and what the server's answers mean."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Self
from urllib.parse import unquote, urlsplit

import aiosmtplib
from pydantic import SecretStr

from services.notify.channels.email.dkim import Signing
from services.notify.channels.email.errors import SmtpUrlInvalid
from services.notify.channels.email.writing import Mail
from services.notify.sending.answer import Answer
from services.notify.sending.carrier import SEND_TIMEOUT, ProviderUnreachable
from shared.events.vocabulary import Channel
from shared.observe.metrics import PROVIDER_ERRORS, ProviderName

_PROVIDER = ProviderName(Channel.EMAIL.value)
COMMAND_TIMEOUT = timedelta(seconds=30)
_PERMANENT = 500
# RFC 4954: our login is missing, too weak or wrong.
_LOGIN = frozenset({530, 534, 535, 538})


class Security(Enum):
    """How the connection is protected."""

    OPPORTUNISTIC = "smtp"
    STARTTLS = "smtp+starttls"
    TLS = "smtps"


@dataclass(frozen=True, slots=True)
class SmtpAddress:
    """Where the mail server is and how to log in."""

    host: str
    port: int
    security: Security
    username: str | None
    password: SecretStr | None

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read SMTP_URL: `smtp://`, `smtp+starttls://` or `smtps://`.

        Raises:
            SmtpUrlInvalid: It is something else.
        """
        try:
            parts = urlsplit(url)
            security = Security(parts.scheme)
            port = parts.port or (465 if security is Security.TLS else 587)
        except ValueError:
            raise SmtpUrlInvalid("is not one of a mail server") from None
        if not parts.hostname:
            raise SmtpUrlInvalid("needs a host")
        return cls(
            host=parts.hostname,
            port=port,
            security=security,
            username=unquote(parts.username) if parts.username else None,
            password=SecretStr(unquote(parts.password)) if parts.password else None,
        )

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Stage(Enum):
    """The part of the SMTP dialogue that an answer belongs to."""

    SENDER = auto()
    RECIPIENT = auto()
    CONTENT = auto()


def meaning(stage: Stage, code: int) -> Answer:
    """Tell what a refusal with `code` means for the message (RFC 5321, 4.2.1).

    A permanent refusal of the sender or of our login is about our own configuration and meets every
    message: it will be mended, so no message may be lost over it.
    """
    if code < _PERMANENT or code in _LOGIN or stage is Stage.SENDER:
        return Answer.LATER
    return Answer.ADDRESS_REFUSED if stage is Stage.RECIPIENT else Answer.CONTENT_REFUSED


class SmtpConnection:
    """Sends mails one after another over a connection that it keeps and renews."""

    def __init__(
        self, address: SmtpAddress, tls: ssl.SSLContext, signing: Signing | None = None
    ) -> None:
        self._address = address
        self._signing = signing
        self._client = aiosmtplib.SMTP(
            hostname=address.host,
            port=address.port,
            username=address.username,
            password=address.password.get_secret_value() if address.password else None,
            use_tls=address.security is Security.TLS,
            start_tls={Security.OPPORTUNISTIC: None, Security.STARTTLS: True}.get(address.security),
            tls_context=tls,
            timeout=COMMAND_TIMEOUT.total_seconds(),
        )

    @property
    def is_open(self) -> bool:
        """Whether neither side has closed it."""
        return bool(self._client.is_connected)

    async def open(self) -> None:
        """Connect and log in, unless the connection is open.

        Raises:
            ProviderUnreachable: The server is away, refuses us, or its certificate is wrong.
        """
        if self.is_open:
            return
        try:
            await self._client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            self._client.close()
            where = f"the mail server at {self._address}"
            raise ProviderUnreachable(where, type(error).__name__) from None

    async def close(self) -> None:
        """Take leave of the server, if it still listens."""
        with suppress(aiosmtplib.SMTPException, OSError):
            if self._client.is_connected:
                await self._client.quit()
        self._client.close()

    async def send(self, mail: Mail) -> Answer:
        """Hand one mail over.

        Raises:
            ProviderUnreachable: There is no connection, and nothing of the mail was handed over.
        """
        if self._signing is not None:
            mail = self._signing.sign(mail)
        try:
            await self.open()
            async with asyncio.timeout(SEND_TIMEOUT.total_seconds()):
                return await self._dialogue(mail)
        except ProviderUnreachable:
            PROVIDER_ERRORS.of(_PROVIDER).inc()
            raise
        except OSError:  # it hung up, or said nothing for too long
            PROVIDER_ERRORS.of(_PROVIDER).inc()
            self._client.close()
            return Answer.LATER

    async def _dialogue(self, mail: Mail) -> Answer:
        stage = Stage.SENDER
        try:
            await self._envelope_sender(mail)
            stage = Stage.RECIPIENT
            await self._client.rcpt(mail.recipient)
            stage = Stage.CONTENT
            await self._client.data(mail.content)
        except aiosmtplib.SMTPResponseException as error:
            await self._reset()
            return meaning(stage, error.code)
        return Answer.ACCEPTED

    async def _envelope_sender(self, mail: Mail) -> None:
        """Begin a mail.

        A connection that the server closed, because it was idle or had carried enough mails (421),
        is renewed once.
        """
        try:
            await self._client.mail(mail.sender)
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPSenderRefused):
            if self._client.is_connected:
                raise
            await self.open()
            await self._client.mail(mail.sender)

    async def _reset(self) -> None:
        """Make the connection ready for the next mail, or close it."""
        try:
            await self._client.rset()
        except (aiosmtplib.SMTPException, OSError):
            self._client.close()
