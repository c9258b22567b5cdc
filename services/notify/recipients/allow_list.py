"""Trial mode: messages only to those who agreed to get them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from pydantic import TypeAdapter, ValidationError

from services.notify.recipients import mailbox, phone, postal
from services.notify.recipients.errors import (
    AllowListEntryInvalid,
    EmailAddressInvalid,
    RecipientRefused,
)
from shared.contacts.contact import EmailAddress
from shared.security.personal import Personal

_EMAIL = TypeAdapter[str](EmailAddress)


@dataclass(frozen=True, slots=True)
class AllowList:
    """Recipients in normal form; `region` is where numbers without a country code belong."""

    recipients: frozenset[Personal[str]]
    region: str = phone.HOME

    @classmethod
    def of(cls, entries: Iterable[str], region: str = phone.HOME) -> Self:
        """Read a list.

        Args:
            entries: E-mail addresses, phone numbers, handles of mailboxes, postal addresses with
                commas between lines.
            region: Where numbers without a country code belong (ISO 3166-1).

        Raises:
            AllowListEntryInvalid: An entry is none of these; the message gives its position.
        """
        numbered = enumerate(entries, start=1)
        return cls(frozenset(_entry(at, entry, region) for at, entry in numbered), region)

    def allows(self, recipient: str) -> bool:
        """Tell whether a recipient is on the list; one that can't be read is not."""
        try:
            return normal_form(recipient, self.region) in self.recipients
        except RecipientRefused:
            return False


def normal_form(recipient: str, region: str = phone.HOME) -> Personal[str]:
    """Write an e-mail address, a number, a handle or a postal address in the way that compares.

    A postal address stands in lines, or in one with commas. E-mail and postal addresses are
    compared without regard to case.

    Raises:
        RecipientRefused: It is none of these.
    """
    if "@" in recipient:
        return _email(recipient)
    if mailbox.is_handle(recipient):
        return mailbox.read(recipient)
    if "," in recipient or "\n" in recipient.strip():
        address = postal.read(recipient.replace(",", "\n"))
        return Personal(address.single_line.reveal().casefold())
    return phone.read(recipient, region).e164


def _entry(position: int, entry: str, region: str) -> Personal[str]:
    try:
        return normal_form(entry, region)
    except RecipientRefused as cause:
        raise AllowListEntryInvalid(position, cause) from None


def _email(address: str) -> Personal[str]:
    try:
        return Personal(_EMAIL.validate_python(address.strip()).casefold())
    except ValidationError:
        raise EmailAddressInvalid from None
