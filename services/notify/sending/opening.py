"""Opens what a claimed message tells and to whom, has it written, and seals what is kept. Pure."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Generic

from pydantic_core import to_json

from services.notify.contacts.normal_form import addresses
from services.notify.contacts.vault import Vault
from services.notify.message import Claim
from services.notify.messages.rendering import CAPACITY, DUTIES, REFERENCE, REPRESENTED
from services.notify.recipients.allow_list import AllowList
from services.notify.recipients.errors import RecipientRefused
from services.notify.recipients.simulated import ending_of
from services.notify.reference import code_of
from services.notify.sending.carrier import Parcel
from services.notify.sending.outcomes import Copy, Outcome
from services.notify.states import State
from services.notify.template.whitespace import one_line
from shared.contacts.contact import Contact
from shared.errors import PermanentError
from shared.events.vocabulary import Channel, FailureReason

logger = logging.getLogger(__name__)

_GONE = Outcome(State.SUPPRESSED, FailureReason.NO_CONTACT)
_ERASED = Outcome(State.SUPPRESSED, FailureReason.CONTACT_ERASED)
_NO_ADDRESS = Outcome(State.SUPPRESSED, FailureReason.NO_CHANNEL)
_NOT_LISTED = Outcome(State.SUPPRESSED, FailureReason.NOT_LISTED)


@dataclass(frozen=True, slots=True)
class Prepared(Generic[Parcel]):
    """A message to hand over, and what is kept of it if its provider takes it."""

    parcel: Parcel
    copy: Copy


@dataclass(frozen=True, slots=True)
class Opening:
    """Opens claimed messages.

    Attributes:
        edition: Names what messages are written with.
        trial: Who alone is written to; None if everybody is.
    """

    vault: Vault
    edition: bytes
    trial: AllowList | None = None

    def written(
        self, claim: Claim, write: Callable[[Claim, Contact], Parcel | None]
    ) -> Prepared[Parcel] | Outcome:
        """Have a message written by `write`, or tell why there is none."""
        if claim.ciphertext is None or claim.wrapped_key is None:
            return _GONE
        try:
            key = self.vault.key_of(claim.attempt.contact_ref or "", claim.wrapped_key)
            contact = key.contact(claim.ciphertext)
            person = self._person(claim)
            if person is None and claim.represented is not None:
                return _ERASED
            if self._is_barred(contact, claim.attempt.channel):
                return _NOT_LISTED
            facts = claim.facts
            if claim.sealed is not None:
                facts = key.unseal(claim.thread, claim.sealed).facts
            stands = {
                DUTIES: sorted(claim.duties),
                REFERENCE: _reference(person or contact, claim),
                **_on_behalf(person, claim),
            }
            claim = replace(claim, facts={**facts, **stands})
            parcel = write(claim, contact)
        except PermanentError as error:
            logger.error("a message can't be written: %s", error)  # noqa: TRY400 - the message says it all
            return _unwritten(error)
        if parcel is None:
            return _NO_ADDRESS
        to_whom = _as_addressed(contact, claim.attempt.channel)
        sealed = key.seal(claim.thread, to_json(claim.facts), to_whom)
        return Prepared(parcel, Copy(key.digest(parcel.content), self.edition, sealed))

    def _person(self, claim: Claim) -> Contact | None:
        """Open the contact data of whom a message is about, where somebody else is told."""
        about = claim.represented
        if about is None or about.ciphertext is None or about.wrapped_key is None:
            return None
        return self.vault.key_of(about.contact_ref, about.wrapped_key).contact(about.ciphertext)

    def _is_barred(self, contact: Contact, channel: Channel) -> bool:
        """Whether the trial isn't for this address; simulated ones lead nowhere and are open."""
        if self.trial is None or (address := addresses(contact).get(channel)) is None:
            return False
        found = address.reveal()
        written = found if isinstance(found, str) else "\n".join(found)
        return ending_of(written) is None and not self.trial.allows(written)


def _unwritten(error: PermanentError) -> Outcome:
    """Tell whose fault it is that there is no message: the address's, or ours."""
    unfit = isinstance(error, RecipientRefused)
    reason = FailureReason.ADDRESS_REFUSED if unfit else FailureReason.NOT_WRITTEN
    return Outcome(State.FAILED, reason, why=one_line(str(error)))


def _on_behalf(person: Contact | None, claim: Claim) -> Mapping[str, str]:
    """Give as what the recipient is told, and the name of whom it is about, where it is known."""
    if claim.represented is None:
        return {}
    name = person.name.reveal() if person is not None and person.name is not None else ""
    return {CAPACITY: claim.represented.capacity.value, REPRESENTED: name}


def _reference(contact: Contact, claim: Claim) -> str:
    """Give what to name when asking: the authority's own reference, or a code for the case."""
    case_ref = claim.attempt.case_ref
    own = contact.references.reveal() if contact.references else {}
    return one_line(own.get(case_ref, "")) or code_of(case_ref)


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
