"""How to reach an applicant: the only personal data this system holds."""

from typing import Annotated, Self, TypeVar, get_args

import idna
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    SerializationInfo,
    field_validator,
    model_validator,
)
from pydantic import StringConstraints as Text
from pydantic_core import CoreSchema, core_schema

from shared.contacts.consent import Agreement
from shared.contacts.party import Party
from shared.events.vocabulary import CaseRef, Channel, ContactRef, Language
from shared.security.personal import Personal

_REVEALED = "revealed"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_TOP_LEVEL = r"(?:[A-Za-z]{2,63}|[Xx][Nn]--[A-Za-z0-9-]{0,58}[A-Za-z0-9])"
_EMAIL = rf"^{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_TOP_LEVEL}$"
_ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$"  # `\p{Cc}` is not read by every language
_LONGEST_LOCAL_PART = 64

Value = TypeVar("Value")


class _Hidden:
    """Lets pydantic read a plain value into a `Personal` one, and write it back as `***`."""

    def __get_pydantic_core_schema__(
        self, source: type[Personal[Value]], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        (inner,) = get_args(source)
        return core_schema.no_info_after_validator_function(
            Personal,
            handler.generate_schema(inner),
            serialization=core_schema.plain_serializer_function_ser_schema(
                _serialise, info_arg=True, when_used="unless-none"
            ),
        )


def _serialise(value: Personal[Value], info: SerializationInfo) -> Value | str:
    return value.reveal() if info.context == _REVEALED else str(value)


def _local_part_fits(address: str) -> str:
    if len(address.rpartition("@")[0]) > _LONGEST_LOCAL_PART:
        raise ValueError(f"the part before @ has more than {_LONGEST_LOCAL_PART} characters")
    return address


def _as_sent(address: object) -> object:
    """Take away the spaces around an address that was copied, and write its domain in ASCII.

    As the DNS has international ones: IDNA 2008, mapped as UTS 46 says.
    """
    if not isinstance(address, str):
        return address
    address = address.strip(" ")
    if address.isascii():
        return address
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError:
        return address  # the pattern refuses it


def _labels_exist(address: str) -> str:
    for label in address.rpartition("@")[2].lower().split("."):
        if label[2:4] == "--" and not label.startswith("xn--"):
            raise ValueError(f"no domain has a label that begins as {label[:4]} (RFC 5891)")
    return address


EmailAddress = Annotated[
    str,
    BeforeValidator(_as_sent),
    Text(pattern=_EMAIL, max_length=254),
    AfterValidator(_local_part_fits),
    AfterValidator(_labels_exist),
]
"""An address as RFC 5321 allows it, without quoted local parts and address literals; its domain in
ASCII, however it was typed."""

PhoneNumber = Annotated[str, Text(pattern=_ONE_LINE, max_length=40)]
"""A phone number as somebody wrote it; whether there is such a number, notify says."""

MailboxHandle = Annotated[str, Text(pattern=_ONE_LINE, max_length=64)]
"""What names a person's mailbox at the central portal; whether it can be one, notify says."""

Line = Annotated[str, Text(pattern=_ONE_LINE, max_length=200)]
"""One line of text: no line break can travel in it."""

AddressLines = Annotated[tuple[Line, ...], Field(min_length=1, max_length=7)]
"""A postal address as it stands on an envelope, the name first: six lines (DIN 5008), and the
country that many write though it is home."""


References = Annotated[
    dict[CaseRef, Annotated[str, Text(pattern=_ONE_LINE, min_length=1, max_length=60)]],
    Field(max_length=100),
]


ADDRESSES = frozenset({"email", "phone", "postal_address", "mailbox"})
"""The fields of a contact that lead somewhere: of them a wrong one is refused alone."""


class Contact(BaseModel):
    """Where messages for one recipient go, in which language, and which ways they want.

    The values print as `***` everywhere; only `plaintext` and `reveal` give them away.

    Attributes:
        postal_address: As on an envelope: the name in the first line, the place or, abroad, the
            country in the last.
        mailbox: The handle of their mailbox at the BundID (Postkorb-Handle).
        references: By case, the authority's own reference, for people to name; it may hold a name.
        preferred: The channels they want to be used first, best one first.
        agreements: What they said about channels; what isn't named wasn't asked.
        parties: Who else is told about their cases.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    contact_ref: ContactRef
    language: Language
    name: Annotated[Personal[Line], _Hidden()] | None = None
    email: Annotated[Personal[EmailAddress], _Hidden()] | None = None
    phone: Annotated[Personal[PhoneNumber], _Hidden()] | None = None
    postal_address: Annotated[Personal[AddressLines], _Hidden()] | None = None
    mailbox: Annotated[Personal[MailboxHandle], _Hidden()] | None = None
    references: Annotated[Personal[References], _Hidden()] | None = None
    preferred: tuple[Channel, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    parties: Annotated[tuple[Party, ...], Field(max_length=20)] = ()

    @field_validator("agreements")
    @classmethod
    def _one_word_per_channel(cls, agreements: tuple[Agreement, ...]) -> tuple[Agreement, ...]:
        if len({one.channel for one in agreements}) < len(agreements):
            raise ValueError("name each channel once, with what was said last")
        return agreements

    @model_validator(mode="after")
    def _others_are_named_once(self) -> Self:
        named = {(one.case, one.contact_ref) for one in self.parties}
        if len(named) < len(self.parties):
            raise ValueError("name each party once per case")
        if any(one.contact_ref == self.contact_ref for one in self.parties):
            raise ValueError("a party is somebody else: give it a contact of its own")
        return self

    def plaintext(self) -> bytes:
        """Write the contact with its values as JSON, to be sealed or encrypted at once."""
        return self.model_dump_json(context=_REVEALED, exclude_defaults=True).encode()
