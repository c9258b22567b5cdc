"""What the operator decides about notify."""

from datetime import time, timedelta
from pathlib import Path
from typing import Self

from pydantic import (
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    SecretBytes,
    SecretStr,
    model_validator,
)
from pydantic_settings import SettingsConfigDict

from services.notify.channels.email.dkim import DkimSigner
from services.notify.channels.email.writing import Sender
from services.notify.channels.letter.print_run import PrintRun
from services.notify.channels.mailbox.fit_connect import FitConnectPlace
from services.notify.recipients.allow_list import AllowList
from shared.contacts.contact import EmailAddress
from shared.organisation.calendar import Calendar
from shared.organisation.model import Organisation
from shared.security.secrets import SecretName
from shared.service.settings import ServiceSettings

_MEBIBYTE = 1024 * 1024


class SmsGateway(BaseModel):
    """One SMS gateway; its secrets stand under its name in `sms_gateways`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")
    url: str = Field(description="Messages are posted to `messages` below it.")
    weight: int = Field(
        default=50, ge=0, le=100, description="Its share of the SMS, in calm times."
    )
    parts_per_minute: int = Field(default=3_000, ge=60, description="What it takes at most.")


class Settings(ServiceSettings):
    """Settings of notify; its own begin with `NOTIFY_`."""

    model_config = SettingsConfigDict(env_prefix="NOTIFY_", env_ignore_empty=True)

    smtp_url: str = Field(validation_alias="SMTP_URL")
    sender_address: EmailAddress | None = Field(
        default=None,
        description="Address in From; without it, the authority's address for applicants.",
    )
    bounce_address: EmailAddress | None = Field(
        default=None,
        description="Where mails come back to, each with its identity behind a `+`; the mail "
        "server must know such addresses. Without it they come back to the address in From.",
    )
    bounce_mailbox: SecretStr | None = Field(
        default=None,
        description="`imaps://user:password@host/INBOX`: where they lie; without it nobody looks.",
    )
    bounce_pause: timedelta = Field(
        default=timedelta(minutes=1), gt=timedelta(), description="Between two looks into it."
    )
    dkim_selector: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",
        description="Signs mails with the key in dkim_rsa_pem; without it the mail server signs.",
    )
    smtp_connections: int = Field(
        default=8, ge=1, le=200, description="Connections to the mail server per process."
    )
    sms_gateways: tuple[SmsGateway, ...] = Field(
        default=(),
        max_length=2,
        description="Who carries SMS: a JSON list; with two, each takes over from the other. "
        "Without any, nothing leaves by SMS.",
    )
    sms_connections: int = Field(
        default=8, ge=1, le=200, description="SMS handed over at once per process."
    )
    fit_connect: FitConnectPlace | None = Field(
        default=None,
        description="Who carries messages to mailboxes: a JSON object; its secrets stand in "
        "`fit_connect`. Without it, nothing leaves to mailboxes.",
    )
    mailbox_connections: int = Field(
        default=4, ge=1, le=50, description="Messages to mailboxes handed over at once per process."
    )
    event_log_pause: timedelta = Field(
        default=timedelta(seconds=15),
        gt=timedelta(),
        description="Until a message's event log is looked at, and again; it doubles, to an hour.",
    )
    print_folder: Path | None = Field(
        default=None,
        description="Where letters are put for a print service; without it, there are no letters.",
    )
    print_run_at: time | None = Field(
        default=None,
        description="Local time of working days at which letters go there; without it, at once.",
    )
    acknowledgement_pause: timedelta = Field(
        default=timedelta(minutes=1),
        gt=timedelta(),
        description="Between two looks for what the print service wrote back.",
    )
    allow_list: tuple[SecretStr, ...] | None = Field(
        default=None,
        description="Trial mode: a JSON list of e-mail addresses, phone numbers, handles of "
        "mailboxes and postal addresses; nobody else gets anything. Without it everybody is "
        "written to.",
    )
    url: str | None = Field(
        default=None, description="Where SMS gateways reach this service with their reports."
    )
    lease: timedelta = Field(
        default=timedelta(minutes=5),
        ge=timedelta(minutes=3),
        description="How long a process may hold a message before another one takes it.",
    )
    body_limit: ByteSize = Field(
        default=ByteSize(8 * _MEBIBYTE), gt=0, description="Largest body of a request, in bytes."
    )

    @model_validator(mode="after")
    def _gateways_can_report(self) -> Self:
        if self.sms_gateways and self.url is None:
            raise ValueError("NOTIFY_SMS_GATEWAYS needs NOTIFY_URL, for reports of delivery")
        return self

    def sender(self, organisation: Organisation) -> Sender:
        """Give who writes: the authority, from the address for applicants unless another is set."""
        authority = organisation.authority
        address = self.sender_address or authority.contact.email
        return Sender(authority.name.de, address, self.bounce_address)

    def trial(self) -> AllowList | None:
        """Give who may be written to on trial; None if everybody may.

        Raises:
            AllowListEntryInvalid: An entry is no address.
        """
        if self.allow_list is None:
            return None
        return AllowList.of(entry.get_secret_value() for entry in self.allow_list)

    def print_run(self, calendar: Calendar) -> PrintRun | None:
        """Give when letters go to the printer; None if at once."""
        if self.print_run_at is None:
            return None
        return PrintRun(self.print_run_at, calendar, calendar.is_working_day)

    def signer(self, organisation: Organisation) -> DkimSigner | None:
        """Give what signs mails; None if the mail server does.

        Raises:
            SecretMissing, DkimKeyInvalid: The key can't be used.
        """
        if self.dkim_selector is None:
            return None
        pem = self.secrets.text(SecretName.DKIM_RSA_PEM).get_secret_value().encode()
        return DkimSigner.of(self.dkim_selector, self.sender(organisation).domain, SecretBytes(pem))
