"""From a claimed message to a mail: opens the contact, fills the text, writes the mail."""

import logging
from dataclasses import dataclass
from datetime import datetime

from services.notify.channels.calendar_file import Appointment, CalendarFile, calendar_file
from services.notify.channels.mail import Mail, Sender, compose
from services.notify.contacts.vault import Vault
from services.notify.delivery.outcomes import Outcome
from services.notify.delivery.states import State
from services.notify.errors import ValueMissing
from services.notify.messages.catalogue import Messages
from services.notify.messages.rendering import Rendered, render
from services.notify.store import Claim
from shared.contacts.contact import Contact
from shared.events.vocabulary import FailureReason
from shared.failure.errors import PermanentError
from shared.organisation.model import Organisation

logger = logging.getLogger(__name__)

_GONE = Outcome(State.SUPPRESSED, FailureReason.NO_CONTACT)
_NO_ADDRESS = Outcome(State.SUPPRESSED, FailureReason.NO_CHANNEL)
_REFUSED = Outcome(State.FAILED, FailureReason.CONTENT_REFUSED)


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is needed to write mails."""

    vault: Vault
    messages: Messages
    organisation: Organisation
    sender: Sender

    def mail(self, claim: Claim) -> Mail | Outcome:
        """Write the mail, or tell why there is none."""
        if claim.ciphertext is None or claim.wrapped_key is None:
            return _GONE
        attempt = claim.attempt
        try:
            contact = self.vault.unlock(
                attempt.contact_ref or "", claim.ciphertext, claim.wrapped_key
            )
            rendered = self._render(claim, contact)
        except PermanentError as error:
            logger.error("a message can't be written: %s", error)  # noqa: TRY400 - the message says it all
            return _REFUSED
        if contact.email is None:
            return _NO_ADDRESS
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

    def _render(self, claim: Claim, contact: Contact) -> Rendered:
        attempt = claim.attempt
        kind = self.messages.by_name.get(attempt.name)
        if kind is None or attempt.language not in kind.texts:
            raise ValueMissing(attempt.name, f"there is no text in {attempt.language} any more")
        name = contact.name.reveal() if contact.name else None
        return render(kind, attempt.language, claim.facts, self.organisation, name)
