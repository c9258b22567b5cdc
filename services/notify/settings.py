"""What the operator decides about notify as a whole; each channel has settings of its own."""

from datetime import timedelta

from pydantic import ByteSize, Field, SecretStr
from pydantic_settings import BaseSettings

from services.notify.messages.materials import Sender
from services.notify.planning.expiry import Times
from services.notify.recipients.allow_list import AllowList
from shared.contacts.contact import EmailAddress
from shared.organisation.calendar import Calendar
from shared.organisation.model import Organisation
from shared.service.settings import ServiceSettings, named

_MEBIBYTE = 1024 * 1024

OWN = named("NOTIFY_")
"""How all settings of notify are read; they begin with `NOTIFY_`."""


class SenderSettings(BaseSettings):
    """Who writes."""

    model_config = OWN

    sender_address: EmailAddress | None = Field(
        default=None,
        description="Address in From; without it, the authority's address for applicants.",
    )
    bounce_address: EmailAddress | None = Field(
        default=None,
        description="Where mails come back to, each with its identity behind a `+`; the mail "
        "server must know such addresses. Without it they come back to the address in From.",
    )

    def sender(self, organisation: Organisation) -> Sender:
        """Give who writes: the authority, from the address for applicants unless another is set."""
        authority = organisation.authority
        address = self.sender_address or authority.contact.email
        read_at = authority.contact.email
        answers_to = None if address.lower() == read_at.lower() else read_at
        return Sender(authority.name.de, address, self.bounce_address, answers_to)


class Settings(ServiceSettings, SenderSettings):
    """Settings of notify."""

    model_config = OWN

    allow_list: tuple[SecretStr, ...] | None = Field(
        default=None,
        description="Trial mode: a JSON list of e-mail addresses, phone numbers, handles of "
        "mailboxes and postal addresses; nobody else gets anything. Without it everybody is "
        "written to.",
    )
    tell_history: bool = Field(
        default=False,
        description="Tell also what is no news any more: for invented cases of the past.",
    )
    contact_patience: timedelta = Field(
        default=timedelta(days=2),
        ge=timedelta(),
        le=timedelta(days=30),
        description="How long a message waits for contact data that come after its event.",
    )
    lease: timedelta = Field(
        default=timedelta(minutes=5),
        ge=timedelta(minutes=3),
        description="How long a process may hold a message before another one takes it.",
    )
    body_limit: ByteSize = Field(
        default=ByteSize(8 * _MEBIBYTE), gt=0, description="Largest body of a request, in bytes."
    )

    def times(self, organisation: Organisation) -> Times:
        """Give when messages of an authority leave and end."""
        return Times.of(
            Calendar.of(organisation),
            tell_history=self.tell_history,
            patience=self.contact_patience,
        )

    def trial(self) -> AllowList | None:
        """Give who may be written to on trial; None if everybody may.

        Raises:
            AllowListEntryInvalid: An entry is no address.
        """
        if self.allow_list is None:
            return None
        return AllowList.of(entry.get_secret_value() for entry in self.allow_list)
