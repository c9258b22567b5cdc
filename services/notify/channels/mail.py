"""From a rendered message to an e-mail. Pure: the same message always gives the same bytes.

The lines are put together by hand: `email.message.EmailMessage` parses and folds every header anew
and takes two milliseconds for a mail, more than all the rest of sending it. What needs encoding,
the sender's name and the subject, is encoded by the standard library and remembered.
"""

from binascii import b2a_qp
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from uuid import UUID

from services.notify.messages.rendering import Rendered


@dataclass(frozen=True, slots=True)
class Sender:
    """Who stands in From; bounces go to the same address."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """The part after @."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail in its envelope."""

    sender: str
    recipient: str
    content: bytes


def compose(
    rendered: Rendered, *, identity: UUID, sender: Sender, recipient: str, dated: datetime
) -> Mail:
    """Write an e-mail.

    The Message-ID comes from the message's identity, so a repeated mail can be recognised as such.
    `Auto-Submitted` (RFC 3834) keeps answering machines from answering.

    Args:
        rendered: Subject and text.
        identity: The message's identity.
        sender: Who writes.
        recipient: An address that has been validated.
        dated: When the message was planned; the same for every attempt.

    Raises:
        ValueError: A header would hold a line break.
    """
    head = (
        _from(sender),
        _line("To", recipient),
        _encoded("Subject", rendered.subject),
        _line("Date", format_datetime(dated)),
        _line("Message-ID", f"<{identity}@{sender.domain}>"),
        _line("Auto-Submitted", "auto-generated"),
        _line("MIME-Version", "1.0"),
        _line("Content-Type", 'text/plain; charset="utf-8"'),
        _line("Content-Transfer-Encoding", "quoted-printable"),
        _line("Content-Language", rendered.language),
    )
    # b2a_qp breaks long lines as the first line of the text ends, so there must be one that ends.
    lines = f"{rendered.text.rstrip()}\n".replace("\n", "\r\n")
    body = b2a_qp(lines.encode(), istext=True)
    return Mail(sender.address, recipient, "".join((*head, "\r\n")).encode("ascii") + body)


@lru_cache(maxsize=64)
def _from(sender: Sender) -> str:
    return _encoded("From", str(Address(sender.name, addr_spec=sender.address)))


def _line(name: str, value: str) -> str:
    if not value.isprintable():
        raise ValueError(f"the header {name} would hold a line break or control character")
    return f"{name}: {value}\r\n"


@lru_cache(maxsize=1024)
def _encoded(name: str, value: str) -> str:
    """Write a header that may hold any character (RFC 2047), folded."""
    if not value.isprintable():
        raise ValueError(f"the header {name} would hold a line break or control character")
    header = SMTP.header_factory(name, value)
    folded: str = header.fold(policy=SMTP)
    return folded
