"""A message as the central mailbox for citizens (ZBP, part of the BundID) takes it. Pure.

The form is version 6 of its messages, as FIT-Connect forwards them (docs.fitko.de/fit-connect).
Attachments are left out.
"""

import json
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from services.notify.message import Claim
from services.notify.messages.materials import Materials
from services.notify.sending.opening import Opening, Prepared
from services.notify.sending.outcomes import Outcome
from shared.contacts.contact import Contact

_LOWEST_LEVEL = 1
"""STORK QAA 1: who is logged in at all may read. The messages tell nothing of a decision."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What FIT-Connect opened for a message: nothing has left while nothing was put into it.

    Attributes:
        id: Names it there; it is put in once, however often that is asked for.
        case: The case there that it belongs to, one of its own.
    """

    id: UUID
    case: UUID


@dataclass(frozen=True, slots=True)
class MailboxMessage:
    """A text on its way to a mailbox.

    Attributes:
        identity: The message's; the same for every try.
        tried: Whether something may have been opened for it at an earlier try.
        recipient: The mailbox's handle.
        title: One line.
        text: What is read, without layout.
        sender: Who writes.
        sender_url: The sender's pages.
    """

    identity: UUID
    tried: bool
    recipient: str
    title: str
    text: str
    sender: str
    sender_url: str

    @property
    def content(self) -> bytes:
        """What its recipient gets, as the portal takes it."""
        message = {
            "stork_qaa_level": _LOWEST_LEVEL,
            "mailboxUuid": self.recipient,
            "sender": self.sender,
            "title": self.title,
            "content": self.text,
            "service": self.sender,
            "reference": str(self.identity),
            "senderUrl": self.sender_url,
        }
        return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class MailboxWriter:
    """Writes messages to mailboxes."""

    opening: Opening
    materials: Materials

    async def prepare(self, claim: Claim) -> Prepared[MailboxMessage] | Outcome:
        """Write the message, or tell why there is none."""
        return self.opening.written(claim, partial(write, self.materials))


def write(materials: Materials, claim: Claim, contact: Contact) -> MailboxMessage | None:
    """Write a message to a mailbox; None if its recipient has none.

    Raises:
        ValueMissing: The text is gone, or a value that it needs.
    """
    rendered = materials.rendered(claim, contact)
    if contact.mailbox is None:
        return None
    return MailboxMessage(
        identity=claim.attempt.id,
        tried=claim.attempt.number > 1,
        recipient=contact.mailbox.reveal(),
        title=rendered.subject,
        text=rendered.text,
        sender=materials.sender.name,
        sender_url=materials.organisation.authority.contact.web,
    )
