"""Contacts at rest: each encrypted under its recipient's own key. Pure: rows in, rows out."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretBytes

from services.notify.contacts.normal_form import addresses
from shared.contacts.consent import Agreement
from shared.contacts.contact import Contact
from shared.events.vocabulary import Channel
from shared.security.encryption import data_key, decrypt, encrypt, fingerprint, new_data_key


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


class Vault:
    """Encrypts and decrypts contacts with keys that only the master key opens."""

    def __init__(self, master_key: SecretBytes) -> None:
        self._master = master_key.get_secret_value()

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
        )

    def unlock(self, contact_ref: str, ciphertext: bytes, wrapped_key: bytes) -> Contact:
        """Decrypt a contact.

        Raises:
            CiphertextBroken: Ciphertext or key is damaged or another recipient's.
        """
        key = data_key(self._master, wrapped_key, contact_ref)
        return Contact.model_validate_json(decrypt(key, ciphertext, contact_ref))
