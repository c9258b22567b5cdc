"""Reads the mailbox that our mails come back to, over IMAP (RFC 9051, 3501)."""

import imaplib
import ssl
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Self
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from services.notify.channels.email.errors import MailboxUnreachable, MailboxUrlInvalid

TIMEOUT = timedelta(seconds=30)
LARGEST = 1024 * 1024
"""No server quotes more than this of a mail that came back; larger ones are for people."""

_SEEN = r"(\Seen)"
_SEEN_AND_FLAGGED = r"(\Seen \Flagged)"


class Security(Enum):
    """How the connection is protected."""

    PLAIN = "imap"
    STARTTLS = "imap+starttls"
    TLS = "imaps"


@dataclass(frozen=True, slots=True)
class MailboxAddress:
    """Where the mailbox is and how to log in."""

    host: str
    port: int
    security: Security
    username: str
    password: SecretStr
    folder: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read NOTIFY_BOUNCE_MAILBOX: `imaps://user:password@host/FOLDER`.

        `imap+starttls://` begins unprotected, `imap://` stays so; without a folder it is INBOX.

        Raises:
            MailboxUrlInvalid: It is something else.
        """
        try:
            parts = urlsplit(url)
            security = Security(parts.scheme)
            port = parts.port or (993 if security is Security.TLS else 143)
        except ValueError:
            raise MailboxUrlInvalid("is not one of a mailbox") from None
        if not parts.hostname or not parts.username or not parts.password:
            raise MailboxUrlInvalid("needs a host, a user and a password")
        return cls(
            host=parts.hostname,
            port=port,
            security=security,
            username=unquote(parts.username),
            password=SecretStr(unquote(parts.password)),
            folder=unquote(parts.path.strip("/")) or "INBOX",
        )

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in the mailbox.

    Attributes:
        mailbox: The state of the mailbox (UIDVALIDITY): in another one, numbers name other mails.
        uid: Its number there.
    """

    mailbox: str
    uid: str
    content: bytes

    @property
    def name(self) -> str:
        """What names it for ever."""
        return _named(self.mailbox, self.uid)


class BounceMailbox:
    """Reads what is unread, over a connection for each look: it blocks, so it runs in a thread.

    Nothing is deleted. What was dealt with is marked as read; what is for people, because it isn't
    about one message of ours or is too large, is flagged, too.
    """

    def __init__(self, address: MailboxAddress, tls: ssl.SSLContext) -> None:
        self._address = address
        self._tls = tls

    def unread(self, limit: int, passed_over: Collection[str]) -> list[Letter]:
        """Give up to `limit` unread mails but some, by name, the oldest first; they stay unread.

        Raises:
            MailboxUnreachable: The server is away, refuses us, or its certificate is wrong.
        """
        with self._open() as (client, mailbox):
            large = _found(client.uid("SEARCH", "UNSEEN", "LARGER", str(LARGEST)))
            _mark(client, large, _SEEN_AND_FLAGGED)
            found = _found(client.uid("SEARCH", "UNSEEN"))
            next_ones = [uid for uid in found if _named(mailbox, uid) not in passed_over][:limit]
            return [
                Letter(mailbox, uid, content)
                for uid in next_ones
                if (content := _content(client, uid))
            ]

    def settle(self, dealt_with: Sequence[Letter], for_people: Sequence[Letter]) -> None:
        """Mark mails as read, those for people so that they are found.

        If the mailbox was made anew meanwhile, nothing is marked.

        Raises:
            MailboxUnreachable: They may be given again; dealing with them again is safe.
        """
        with self._open() as (client, mailbox):
            for letters, flags in ((dealt_with, _SEEN), (for_people, _SEEN_AND_FLAGGED)):
                _mark(client, [one.uid for one in letters if one.mailbox == mailbox], flags)

    @contextmanager
    def _open(self) -> Iterator[tuple[imaplib.IMAP4, str]]:
        """Log in and enter the folder; gives its UIDVALIDITY, too."""
        try:
            client = self._connected()
            try:
                client.login(self._address.username, self._address.password.get_secret_value())
                status, _ = client.select(f'"{self._address.folder}"')
                if status != "OK":
                    raise imaplib.IMAP4.error("there is no such folder")
                yield client, _state_of(client)
            finally:
                with suppress(imaplib.IMAP4.error, OSError):
                    client.logout()
        except (imaplib.IMAP4.error, OSError) as error:
            raise MailboxUnreachable(str(self._address), error) from None

    def _connected(self) -> imaplib.IMAP4:
        address, timeout = self._address, TIMEOUT.total_seconds()
        if address.security is Security.TLS:
            return imaplib.IMAP4_SSL(
                address.host, address.port, ssl_context=self._tls, timeout=timeout
            )
        client = imaplib.IMAP4(address.host, address.port, timeout=timeout)
        if address.security is Security.STARTTLS:
            client.starttls(self._tls)
        return client


def _named(mailbox: str, uid: str) -> str:
    return f"{mailbox}/{uid}"


def _state_of(client: imaplib.IMAP4) -> str:
    _, (state, *_) = client.response("UIDVALIDITY")
    if not isinstance(state, bytes):
        raise imaplib.IMAP4.error("numbers of its mails don't last")
    return state.decode("ascii")


def _found(answer: tuple[str, list[bytes]]) -> list[str]:
    _, lines = answer
    return [uid.decode("ascii") for line in lines if line for uid in line.split()]


def _content(client: imaplib.IMAP4, uid: str) -> bytes | None:
    """Fetch a mail without marking it; None if somebody removed it meanwhile."""
    _, parts = client.uid("FETCH", uid, "(BODY.PEEK[])")
    return next((part[1] for part in parts if isinstance(part, tuple)), None)


def _mark(client: imaplib.IMAP4, uids: Sequence[str], flags: str) -> None:
    if uids:
        client.uid("STORE", ",".join(uids), "+FLAGS.SILENT", flags)
