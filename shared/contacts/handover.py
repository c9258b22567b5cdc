"""Contacts on their way from intake to notify: sealed, so that nothing between can read them."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    TypeAdapter,
    ValidationError,
)

from shared.contacts.contact import Contact
from shared.errors import PermanentError
from shared.events.vocabulary import ContactRef
from shared.security.key_ring import Key, decrypting, encrypting
from shared.security.sealing import SealBroken, seal, unseal

BATCH_LIMIT = 1_000
REFUSED_CONTACTS = "refused-contacts"
"""The problem (RFC 9457) by which notify says which addresses of contacts can't be used."""
_BOX_LIMIT = 16_384


class ContactInvalid(PermanentError):
    """A sealed box opened, but what is in it isn't a contact; the message never quotes it."""


def _read_base64(text: object) -> object:
    if not isinstance(text, str):
        return text
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise ValueError("must be base64") from None


Box = Annotated[
    bytes,
    BeforeValidator(_read_base64, json_schema_input_type=str),
    PlainSerializer(lambda box: b64encode(box).decode("ascii"), return_type=str),
    Field(min_length=1, max_length=_BOX_LIMIT),
]


class SealedContact(BaseModel):
    """A contact that only notify can open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contact_ref: ContactRef
    sealed: Box = Field(description="HPKE (RFC 9180), base64; bound to contact_ref.")


SealedContacts = Annotated[tuple[SealedContact, ...], Field(min_length=1, max_length=BATCH_LIMIT)]
SEALED_CONTACTS: TypeAdapter[tuple[SealedContact, ...]] = TypeAdapter(SealedContacts)
"""Body of `PUT /v1/contacts` at notify."""


def seal_contact(public_key: Key, contact: Contact) -> SealedContact:
    """Close a contact for the owner of the private key."""
    sealed = seal(encrypting(public_key), contact.plaintext(), contact.contact_ref.encode())
    return SealedContact(contact_ref=contact.contact_ref, sealed=sealed)


def open_contact(private_key: Key, box: SealedContact) -> Contact:
    """Open and validate a contact.

    Raises:
        SealBroken: The box isn't whole, or was sealed for another key or recipient.
        ContactInvalid: It holds something else than a contact of this recipient.
    """
    plaintext = _unseal(private_key, box)
    try:
        contact = Contact.model_validate_json(plaintext)
    except ValidationError as error:
        raise ContactInvalid(f"{box.contact_ref}: {_places(error)}") from None
    if contact.contact_ref != box.contact_ref:
        raise ContactInvalid(f"{box.contact_ref}: contact_ref: names another recipient")
    return contact


def _unseal(private_key: Key, box: SealedContact) -> bytes:
    broken: SealBroken | None = None
    for candidate in decrypting(private_key):
        try:
            return unseal(candidate, box.sealed, box.contact_ref.encode())
        except SealBroken as error:
            broken = error
    assert broken is not None
    raise broken


def _places(error: ValidationError) -> str:
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in problems)
