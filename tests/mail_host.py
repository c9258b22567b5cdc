"""A real SMTP server on loopback whose answers a test chooses."""

import asyncio
from collections import Counter
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd import smtp

from services.notify.channels.email.carrier import SmtpAddress

CUT_OFF = "taken, and the connection cut before the answer"


class Unwilling(asyncio.Protocol):
    """A server that greets with an error (RFC 5321, 3.1)."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"554 no service here\r\n")
        transport.close()


class MailHost:
    """A real SMTP server whose answers the test chooses."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.mails: list[EmailMessage] = []
        self.recipient_answers: list[str] = []
        self.content_answers: list[str] = []
        self.sender_answers: list[str] = []
        self.pauses: list[timedelta] = []
        self.greeting_refusals = 0
        self.sessions: list[smtp.SMTP] = []
        self._begun: Counter[smtp.SMTP] = Counter()
        self.mails_per_session = 1_000_000
        self.port = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.hang_up()

    def hang_up(self) -> None:
        for session in self.sessions:
            if isinstance(session.transport, asyncio.Transport):
                session.transport.abort()
        self.sessions.clear()

    @property
    def address(self) -> SmtpAddress:
        return SmtpAddress.parse(f"smtp://127.0.0.1:{self.port}")

    async def handle_MAIL(
        self,
        server: smtp.SMTP,
        session: object,
        envelope: smtp.Envelope,
        address: str,
        options: object,
    ) -> str:
        if self._begun[server] == self.mails_per_session:
            return "421 4.7.0 enough for one connection"
        self._begun[server] += 1
        if self.sender_answers:
            return self.sender_answers.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: object, session: object, envelope: object, address: str, options: object
    ) -> str:
        answer = self.recipient_answers.pop(0) if self.recipient_answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)  # type: ignore[attr-defined] # aiosmtpd is untyped
        return answer

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        if self.pauses:
            await asyncio.sleep(self.pauses.pop(0).total_seconds())
        answer = self.content_answers.pop(0) if self.content_answers else "250 OK"
        if answer.startswith("250") or answer == CUT_OFF:
            content = envelope.content  # type: ignore[attr-defined] # aiosmtpd is untyped
            mail = message_from_bytes(content, policy=policy.default)
            self.received.append(mail["Message-ID"])
            self.mails.append(mail)
        if answer == CUT_OFF:
            self.hang_up()
        return answer

    def _session(self) -> asyncio.Protocol:
        if self.greeting_refusals:
            self.greeting_refusals -= 1
            return Unwilling()
        protocol = smtp.SMTP(self, hostname="localhost", loop=asyncio.get_running_loop())
        self.sessions.append(protocol)
        return protocol
