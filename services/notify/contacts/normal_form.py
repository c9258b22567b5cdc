"""From a contact as it was handed over to one that can be written to, and what is wrong. Pure."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from services.notify.recipients import mailbox, phone, postal
from services.notify.recipients.errors import RecipientRefused
from services.notify.recipients.window import require_shown
from shared.contacts.contact import ADDRESSES, Contact
from shared.events.vocabulary import Channel
from shared.security.personal import Personal

Address = Personal[str] | Personal[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class WrongField:
    """A field of a contact that can't be used; its value is told nowhere."""

    contact_ref: str
    field: str
    refusal: RecipientRefused


def normal_form(contact: Contact) -> tuple[Contact, list[WrongField]]:
    """Write a contact's addresses in the one way in which they are stored, sent to and compared.

    Those that can't be used are left out of it, and named beside it.

    A phone number is E.164, a postal address as it stands on the envelope, the domain of an e-mail
    address and the handle of a mailbox in small letters (RFC 5321, 2.4: case counts only before the
    @; RFC 9562, 4). A landline stays, for staff to call, unless its owner wants to be told by SMS.
    """
    wrong: list[WrongField] = []

    def read(field: str, reading: Callable[[], Address | None]) -> Address | None:
        try:
            return reading()
        except RecipientRefused as refusal:
            wrong.append(WrongField(contact.contact_ref, field, refusal))
            return None

    told = {
        "email": _email(contact),
        "phone": read("phone", lambda: _phone(contact)),
        "postal_address": read("postal_address", lambda: _postal_address(contact)),
        "mailbox": read("mailbox", lambda: _mailbox(contact)),
    }
    return contact.model_copy(update=told), wrong


def leads_somewhere(contact: Contact) -> bool:
    """Whether a contact has an address of any kind."""
    return any(getattr(contact, name) is not None for name in ADDRESSES)


def addresses(contact: Contact) -> Mapping[Channel, Address]:
    """Give where each way leads, for a contact in normal form: only the ways there are."""
    found: Mapping[Channel, Address | None] = {
        Channel.EMAIL: contact.email,
        Channel.SMS: contact.phone if _takes_sms(contact) else None,
        Channel.LETTER: contact.postal_address,
        Channel.MAILBOX: contact.mailbox,
    }
    return {channel: address for channel, address in found.items() if address is not None}


def _email(contact: Contact) -> Personal[str] | None:
    if contact.email is None:
        return None
    local_part, at, domain = contact.email.reveal().rpartition("@")
    return Personal(f"{local_part}{at}{domain.lower()}")


def _phone(contact: Contact) -> Personal[str] | None:
    if contact.phone is None:
        return None
    wants_sms = Channel.SMS in {*contact.preferred, *(one.channel for one in contact.agreements)}
    read = phone.read_for_sms if wants_sms else phone.read
    return read(contact.phone.reveal()).e164


def _postal_address(contact: Contact) -> Personal[tuple[str, ...]] | None:
    if contact.postal_address is None:
        return None
    lines = postal.read("\n".join(contact.postal_address.reveal())).lines
    with suppress(OSError):  # without its fonts no letter is written; each asks again before it is
        require_shown(lines.reveal())
    return lines


def _mailbox(contact: Contact) -> Personal[str] | None:
    return None if contact.mailbox is None else mailbox.read(contact.mailbox.reveal())


def _takes_sms(contact: Contact) -> bool:
    if contact.phone is None:
        return False
    try:
        return phone.read(contact.phone.reveal()).takes_sms
    except RecipientRefused:  # the plans change; what was a number then may be none today
        return False
