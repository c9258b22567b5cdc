"""Contacts and what they are told, each encrypted under its recipient's own key. Pure."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from pydantic_core import from_json, to_json

from services.notify.contacts.normal_form import addresses
from shared.contacts.consent import Agreement
from shared.contacts.contact import Contact
from shared.contacts.party import Party
from shared.events.vocabulary import Channel
from shared.security.encryption import data_key, decrypt, encrypt, fingerprint, new_data_key
from shared.security.key_ring import Key

_DIGEST = b"message:"


@dataclass(frozen=True, slots=True)
class StoredContact:
    """A contact as the database holds it.

    Attributes:
        addresses: By channel, a fingerprint of the address under the recipient's key: whether two
            are the same can be told, what they are can't.
    """

    contact_ref: str
    ciphertext: bytes
    channels: tuple[Channel, ...]
    language: str
    addresses: Mapping[Channel, str]
    preferred: tuple[Channel, ...]
    agreements: tuple[Agreement, ...]
    parties: tuple[Party, ...]


class Vault:
    """Encrypts and decrypts contacts with keys that only the master key opens."""

    def __init__(self, master: Key) -> None:
        self._master = master

    def new_key(self, contact_ref: str) -> bytes:
        """Make a recipient's data key, wrapped."""
        return new_data_key(self._master, contact_ref)

    def lock(self, contact: Contact, wrapped_key: bytes) -> StoredContact:
        """Encrypt a contact in normal form.

        Raises:
            CiphertextBroken: The wrapped key is damaged or another recipient's.
        """
        ways = addresses(contact)
        key = data_key(self._master, wrapped_key, contact.contact_ref)
        return StoredContact(
            contact_ref=contact.contact_ref,
            ciphertext=encrypt(key, contact.plaintext(), contact.contact_ref),
            channels=tuple(ways),
            language=contact.language,
            addresses={
                channel: fingerprint(key, f"{channel}:{address.reveal()}".casefold())
                for channel, address in ways.items()
            },
            preferred=contact.preferred,
            agreements=contact.agreements,
            parties=contact.parties,
        )

    def key_of(self, contact_ref: str, wrapped_key: bytes) -> "RecipientKey":
        """Unwrap a recipient's key, for everything that is encrypted under it.

        Raises:
            CiphertextBroken: The wrapped key is damaged or another recipient's.
        """
        return RecipientKey(contact_ref, data_key(self._master, wrapped_key, contact_ref))


@dataclass(frozen=True, slots=True)
class Told:
    """What a message tells: the cause's fields that its text takes, and once it left, to whom."""

    facts: Mapping[str, object]
    contact: Contact | None = None

    def as_json(self) -> bytes:
        """Give the facts as they are sealed."""
        return to_json(self.facts)


@dataclass(frozen=True, slots=True)
class RecipientKey:
    """A recipient's key, opened. It lives no longer than the work on one message or batch.

    What a message tells is bound to its thread: cause, message and recipient, whichever way.
    """

    contact_ref: str
    _key: bytes = field(repr=False)

    def contact(self, ciphertext: bytes) -> Contact:
        """Decrypt the contact.

        Raises:
            CiphertextBroken: It is damaged or another recipient's.
        """
        return Contact.model_validate_json(decrypt(self._key, ciphertext, self.contact_ref))

    def seal(self, thread: UUID, facts: bytes, contact: Contact | None = None) -> bytes:
        """Encrypt what a message tells; `facts` is JSON."""
        to_whom = b"" if contact is None else b',"contact":' + contact.plaintext()
        return encrypt(self._key, b'{"facts":' + facts + to_whom + b"}", self._bound(thread))

    def unseal(self, thread: UUID, sealed: bytes) -> Told:
        """Undo `seal`.

        Raises:
            CiphertextBroken: It is damaged, or of another message or recipient.
        """
        content = from_json(decrypt(self._key, sealed, self._bound(thread)))
        contact = content.get("contact")
        return Told(content["facts"], contact and Contact.model_validate(contact))

    def digest(self, content: bytes) -> bytes:
        """Give what tells whether bytes are the same to who has the key, and nothing else."""
        return hmac.digest(self._key, _DIGEST + content, "sha256")

    def _bound(self, thread: UUID) -> str:
        return f"{self.contact_ref}:{thread}"
