"""A message as the central mailbox for citizens (ZBP, part of the BundID) takes it. Pure.

The form is version 6 of its messages, as FIT-Connect forwards them (docs.fitko.de/fit-connect).
Attachments are left out.
"""

import json
from dataclasses import dataclass
from uuid import UUID

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
        submission: What was opened for it at an earlier try.
        recipient: The mailbox's handle.
        title: One line.
        text: What is read, without layout.
        sender: Who writes.
        sender_url: The sender's pages.
    """

    identity: UUID
    submission: Submission | None
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
