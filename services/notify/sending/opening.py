"""From a claimed message to what its channel carries: opens the contact, fills the text."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Generic

from pydantic_core import to_json

from services.notify.channels.email.calendar_file import Appointment, CalendarFile, calendar_file
from services.notify.channels.email.writing import Mail, Sender, compose
from services.notify.channels.letter.print_run import PrintRun
from services.notify.channels.letter.writing import Letter, typeset
from services.notify.channels.mailbox.writing import MailboxMessage
from services.notify.channels.sms.alphabet import as_sms
from services.notify.channels.sms.gateway import TextMessage
from services.notify.contacts.normal_form import addresses
from services.notify.contacts.vault import Told, Vault
from services.notify.errors import ValueMissing
from services.notify.follow_up.escalation import PATIENCE
from services.notify.messages.catalogue import Messages
from services.notify.messages.rendering import MessageType, Rendered, render, render_short
from services.notify.messages.stationery import Stationery
from services.notify.planning.quiet_hours import QuietHours, leaves_at
from services.notify.recipients.allow_list import AllowList
from services.notify.recipients.simulated import ending_of
from services.notify.sending.carrier import Content, Parcel
from services.notify.sending.outcomes import Attempt, Copy, Outcome
from services.notify.states import State
from services.notify.store import Claim
from shared.contacts.contact import Contact
from shared.errors import PermanentError
from shared.events.vocabulary import Channel, FailureReason
from shared.organisation.calendar import Calendar
from shared.organisation.model import Organisation

logger = logging.getLogger(__name__)

_GONE = Outcome(State.SUPPRESSED, FailureReason.NO_CONTACT)
_NO_ADDRESS = Outcome(State.SUPPRESSED, FailureReason.NO_CHANNEL)
_NOT_LISTED = Outcome(State.SUPPRESSED, FailureReason.NOT_LISTED)
_REFUSED = Outcome(State.FAILED, FailureReason.CONTENT_REFUSED)


def utc_now() -> datetime:
    """Give the present moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Prepared(Generic[Parcel]):
    """A message to hand over, and what is kept of it if its provider takes it."""

    parcel: Parcel
    copy: Copy


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is needed to write messages.

    Attributes:
        edition: Names messages, organisation and sender together.
        trial: Who alone is written to; None if everybody is.
        clock: Tells whether it is quiet now.
        print_run: When letters go to the printer; None if at once.
        press: One letter is laid out at a time.
    """

    vault: Vault
    messages: Messages
    stationery: Stationery
    organisation: Organisation
    sender: Sender
    edition: bytes
    trial: AllowList | None = None
    clock: Callable[[], datetime] = utc_now
    print_run: PrintRun | None = None
    press: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def mail(self, claim: Claim) -> Prepared[Mail] | Outcome:
        """Write the mail, or tell why there is none."""
        return self._written(claim, self._mail)

    async def sms(self, claim: Claim) -> Prepared[TextMessage] | Outcome:
        """Write the SMS, or tell why there is none, or none now."""
        now, attempt = self.clock(), claim.attempt
        quiet = QuietHours(Calendar.of(self.organisation))
        if (leaves := leaves_at(now, attempt.channel, attempt.lane, quiet)) > now:
            return Outcome(State.HELD, delay=leaves - now)
        return self._written(claim, self._sms)

    async def mailbox(self, claim: Claim) -> Prepared[MailboxMessage] | Outcome:
        """Write the message to a mailbox, or tell why there is none."""
        return self._written(claim, self._mailbox)

    async def letter(self, claim: Claim) -> Prepared[Letter] | Outcome:
        """Write the letter when its print run has come, or tell why there is none.

        Laying out takes a mail's time many times over, so it happens beside the loop.
        """
        if self.print_run is not None:
            now, leaves = self.clock(), self.print_run.taking(claim.attempt.planned_at)
            if leaves > now:
                return Outcome(State.HELD, delay=leaves - now)
        async with self.press:
            return await asyncio.to_thread(self._written, claim, self._letter)

    def again(self, claim: Claim, told: Told) -> bytes:
        """Write a message that left once more, from what is kept of it.

        Raises:
            PermanentError: It can't be written any more.
        """
        writers: Mapping[Channel, Callable[[Claim, Contact], Content | None]] = {
            Channel.EMAIL: self._mail,
            Channel.SMS: self._sms,
            Channel.MAILBOX: self._mailbox,
            Channel.LETTER: self._letter,
        }
        assert told.contact is not None
        parcel = writers[claim.attempt.channel](replace(claim, facts=told.facts), told.contact)
        assert parcel is not None
        return parcel.content

    def _written(
        self, claim: Claim, write: Callable[[Claim, Contact], Parcel | None]
    ) -> Prepared[Parcel] | Outcome:
        if claim.ciphertext is None or claim.wrapped_key is None:
            return _GONE
        try:
            key = self.vault.key_of(claim.attempt.contact_ref or "", claim.wrapped_key)
            contact = key.contact(claim.ciphertext)
            if self._is_barred(contact, claim.attempt.channel):
                return _NOT_LISTED
            if claim.sealed is not None:
                told = key.unseal(claim.thread, claim.sealed)
                claim = replace(claim, facts=told.facts)
            parcel = write(claim, contact)
        except PermanentError as error:
            logger.error("a message can't be written: %s", error)  # noqa: TRY400 - the message says it all
            return _REFUSED
        if parcel is None:
            return _NO_ADDRESS
        to_whom = _as_addressed(contact, claim.attempt.channel)
        sealed = key.seal(claim.thread, to_json(claim.facts), to_whom)
        return Prepared(parcel, Copy(key.digest(parcel.content), self.edition, sealed))

    def _is_barred(self, contact: Contact, channel: Channel) -> bool:
        """Whether the trial isn't for this address; simulated ones lead nowhere and are open."""
        if self.trial is None or (address := addresses(contact).get(channel)) is None:
            return False
        found = address.reveal()
        written = found if isinstance(found, str) else "\n".join(found)
        return ending_of(written) is None and not self.trial.allows(written)

    def _mail(self, claim: Claim, contact: Contact) -> Mail | None:
        attempt = claim.attempt
        rendered = self._rendered(claim, contact, Channel.EMAIL)
        if contact.email is None:
            return None
        recipient = contact.email.reveal()
        return compose(
            rendered,
            identity=attempt.id,
            sender=self.sender,
            recipient=recipient,
            dated=attempt.planned_at,
            calendar=self._calendar(claim, recipient),
        )

    def _calendar(self, claim: Claim, recipient: str) -> CalendarFile | None:
        """Write the calendar file of an appointment; the text's office has been found before."""
        method = self.messages.by_name[claim.attempt.name].description.calendar
        if method is None:
            return None
        starts, ends, office = (claim.facts.get(name) for name in ("starts", "ends", "office"))
        authority, here = self.organisation.authority, self.organisation.jurisdiction
        appointment = Appointment(
            case_ref=claim.attempt.case_ref,
            identity=claim.about,
            sequence=claim.sequence,
            title=authority.name.de,
            organizer=self.sender.address,
            attendee=recipient,
            stated_at=claim.attempt.planned_at,
            starts=datetime.fromisoformat(str(starts)) if starts else None,
            ends=datetime.fromisoformat(str(ends)) if ends else None,
            place=f"{self.organisation.office(str(office)).name.de}, {authority.place}"
            if office
            else None,
        )
        return calendar_file(method, appointment, here.time_zone)

    def _sms(self, claim: Claim, contact: Contact) -> TextMessage | None:
        attempt = claim.attempt
        kind = self._kind(attempt)
        text = render_short(kind, attempt.language, claim.facts, self.organisation)
        if contact.phone is None or attempt.asked is None:
            return None
        return TextMessage(
            identity=attempt.id,
            gateway=attempt.asked,
            held=attempt.holder is not None,
            recipient=contact.phone.reveal(),
            sms=as_sms(text),
            valid_for=PATIENCE[attempt.lane],
        )

    def _mailbox(self, claim: Claim, contact: Contact) -> MailboxMessage | None:
        rendered = self._rendered(claim, contact, Channel.MAILBOX)
        if contact.mailbox is None:
            return None
        return MailboxMessage(
            identity=claim.attempt.id,
            submission=claim.submission,
            recipient=contact.mailbox.reveal(),
            title=rendered.subject,
            text=rendered.text,
            sender=self.sender.name,
            sender_url=self.organisation.authority.contact.web,
        )

    def _letter(self, claim: Claim, contact: Contact) -> Letter | None:
        rendered = self._rendered(claim, contact, Channel.LETTER)
        if contact.postal_address is None:
            return None
        return typeset(
            rendered,
            identity=claim.attempt.id,
            stationery=self.stationery,
            authority=self.organisation.authority,
            recipient=contact.postal_address.reveal(),
            case_ref=claim.attempt.case_ref,
            dated=Calendar.of(self.organisation).day_of(claim.attempt.planned_at),
        )

    def _rendered(self, claim: Claim, contact: Contact, way: Channel) -> Rendered:
        attempt = claim.attempt
        name = contact.name.reveal() if contact.name else None
        return render(
            self._kind(attempt),
            attempt.language,
            claim.facts,
            self.organisation,
            name,
            way=way,
        )

    def _kind(self, attempt: Attempt) -> MessageType:
        kind = self.messages.by_name.get(attempt.name)
        if kind is None or attempt.language not in kind.texts:
            raise ValueMissing(attempt.name, f"there is no text in {attempt.language} any more")
        return kind


_ADDRESSES: Mapping[Channel, str] = MappingProxyType(
    {
        Channel.EMAIL: "email",
        Channel.SMS: "phone",
        Channel.LETTER: "postal_address",
        Channel.MAILBOX: "mailbox",
    }
)


def _as_addressed(contact: Contact, channel: Channel) -> Contact:
    """Keep of a contact what a message on this way needs."""
    name, address = contact.name, _ADDRESSES.get(channel)
    kept = {"name": name} | ({address: getattr(contact, address)} if address else {})
    bare = Contact(contact_ref=contact.contact_ref, language=contact.language)
    return bare.model_copy(update=kept)
