"""From a rendered message to an e-mail. Pure: the same message always gives the same bytes."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
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
        ValueError: A header holds a line break.
    """
    message = EmailMessage(policy=SMTP)
    message.set_content(rendered.text, charset="utf-8", cte="quoted-printable")
    message["Content-Language"] = rendered.language
    message["From"] = Address(sender.name, addr_spec=sender.address)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = rendered.subject
    message["Date"] = format_datetime(dated)
    message["Message-ID"] = f"<{identity}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    return Mail(sender.address, recipient, message.as_bytes())
