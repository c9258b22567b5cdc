"""What messages are written with: texts, stationery, the authority and who writes. Pure."""

from dataclasses import dataclass
from uuid import UUID

from services.notify.message import Attempt, Claim
from services.notify.messages.catalogue import Messages
from services.notify.messages.errors import ValueMissing
from services.notify.messages.rendering import Rendered, render_whole
from services.notify.messages.stationery import Stationery
from services.notify.messages.text import MessageType
from shared.contacts.contact import Contact
from shared.organisation.model import Organisation


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes.

    Attributes:
        name: In From.
        address: In From.
        bounces: Where mails come back to, each with its identity behind a `+` (VERP). Without it
            they come back to `address`, as it is.
        answers_to: Where people's answers are read, if not at `address`.
    """

    name: str
    address: str
    bounces: str | None = None
    answers_to: str | None = None

    @property
    def domain(self) -> str:
        """The part after @."""
        return self.address.rpartition("@")[2]

    @property
    def returns_to(self) -> str:
        """The address that mails come back to."""
        return self.bounces or self.address

    def return_path(self, identity: UUID) -> str:
        """Give the sender in the envelope of one mail."""
        if self.bounces is None:
            return self.address
        local, _, domain = self.bounces.rpartition("@")
        return f"{local}+{identity.hex}@{domain}"


@dataclass(frozen=True, slots=True)
class Materials:
    """What every message is written with, whatever its way."""

    messages: Messages
    stationery: Stationery
    organisation: Organisation
    sender: Sender

    def kind(self, attempt: Attempt) -> MessageType:
        """Give the text of a message.

        Raises:
            ValueMissing: It is gone, or not in that language any more.
        """
        kind = self.messages.by_name.get(attempt.name)
        if kind is None or attempt.language not in kind.texts:
            raise ValueMissing(attempt.name, f"there is no text in {attempt.language} any more")
        return kind

    def rendered(self, claim: Claim, contact: Contact) -> Rendered:
        """Fill the text of a message as it reads on its way.

        Raises:
            ValueMissing: The text is gone, or a value that it needs.
        """
        attempt = claim.attempt
        return render_whole(
            self.kind(attempt),
            attempt.language,
            claim.facts,
            self.organisation,
            contact.name.reveal() if contact.name else None,
            way=attempt.channel,
        )
