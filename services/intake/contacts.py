"""Contacts pass through: sealed here, stored by notify, kept nowhere in between."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from services.intake.errors import HandoverRefused, NotifyAway
from services.intake.plausibility import Span
from shared.contacts.consent import Agreement
from shared.contacts.contact import ADDRESSES, Contact
from shared.contacts.handover import (
    BATCH_LIMIT,
    REFUSED_CONTACTS,
    SEALED_CONTACTS,
    SealedContact,
    seal_contact,
)
from shared.contacts.party import Party
from shared.events.errors import field_errors
from shared.security.key_ring import Key, KeyRing
from shared.web.problems import NAMESPACE, Problem

_PATH = "/v1/contacts"
_FIELDS = {*Contact.model_fields, *Agreement.model_fields, *Party.model_fields}

# A hundred references are most of it.
_MOST_VALUES = 300
_TOO_MUCH: JsonValue = {"field": "(whole)", "reason": f"holds more than {_MOST_VALUES} values"}

Refused = Mapping[str, JsonValue]
"""Which fields of which contact of a request can't be used, and why."""


class Shown(httpx.Auth):
    """Shows a token in each call, as its file holds it now."""

    def __init__(self, token: KeyRing) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Put it into one call."""
        request.headers["authorization"] = f"Bearer {self._token.current.decode()}"
        yield request


class ContactHandover:
    """Gives contacts to notify, which alone can open them.

    Args:
        http: A client whose base URL is notify's and that shows the handover token.
        public_key: Notify's sealing key.
    """

    def __init__(self, http: httpx.AsyncClient, public_key: Key) -> None:
        self._http = http
        self._public_key = public_key

    async def hand_over(self, contacts: Sequence[Contact]) -> list[Refused]:
        """Seal contacts and wait until notify has committed them.

        Of several contacts of one recipient, the last one counts.

        Returns:
            The addresses that notify refused beside others that it took.

        Raises:
            NotifyAway: sending again later is safe.
            Problem: 422; addresses can't be used, and notify says which and why.
            HandoverRefused: the two services don't fit together.
        """
        latest = {contact.contact_ref: contact for contact in contacts}
        body = await asyncio.to_thread(self._seal, list(latest.values()))
        answer = await self._ask("PUT", _PATH, body)
        if answer.is_success:
            return _refused(contacts, _taken_but(answer))
        if refusals := _refusals(answer):
            raise _invalid(_refused(contacts, refusals))
        raise HandoverRefused(str(self._http.base_url), answer.status_code)

    async def erase(self, contact_ref: str) -> None:
        """Have a recipient's contact data destroyed, and wait until notify has committed it.

        Raises:
            NotifyAway: erasing again later is safe.
            HandoverRefused: the two services don't fit together.
        """
        answer = await self._ask("DELETE", f"{_PATH}/{contact_ref}")
        if not answer.is_success:
            raise HandoverRefused(str(self._http.base_url), answer.status_code)

    async def _ask(self, method: str, path: str, body: bytes = b"") -> httpx.Response:
        where = str(self._http.base_url)
        try:
            answer = await self._http.request(
                method, path, content=body, headers={"content-type": "application/json"}
            )
        except httpx.HTTPError as error:
            raise NotifyAway(where, type(error).__name__) from None
        if answer.is_server_error or answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            raise NotifyAway(where, f"status {answer.status_code}")
        return answer

    def _seal(self, contacts: Sequence[Contact]) -> bytes:
        boxes: tuple[SealedContact, ...] = tuple(
            seal_contact(self._public_key, contact) for contact in contacts
        )
        return SEALED_CONTACTS.dump_json(boxes)


class _Refusal(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    contact_ref: str
    field: str
    condition: str
    reason: str


_SOME = TypeAdapter[tuple[_Refusal, ...]](tuple[_Refusal, ...])


class _Refused(BaseModel):
    """The part of notify's answer that the sender of the contacts can act on."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: str = Field(pattern=f"^{NAMESPACE}{REFUSED_CONTACTS}$")
    errors: tuple[_Refusal, ...]


def _refusals(answer: httpx.Response) -> tuple[_Refusal, ...]:
    try:
        return _Refused.model_validate_json(answer.content).errors
    except ValidationError:
        return ()


def _taken_but(answer: httpx.Response) -> tuple[_Refusal, ...]:
    """Read which addresses notify refused of what it took; mostly none, then it says nothing."""
    return _SOME.validate_json(answer.content) if answer.status_code == HTTPStatus.OK else ()


def _refused(contacts: Sequence[Contact], refusals: Iterable[_Refusal]) -> list[Refused]:
    """Say to the sender what notify said, by the place of each contact in the request."""
    places = {contact.contact_ref: index for index, contact in enumerate(contacts)}
    by_place: defaultdict[int, list[JsonValue]] = defaultdict(list)
    for one in refusals:
        by_place[places[one.contact_ref]].append(one.model_dump(exclude={"contact_ref"}))
    return [{"index": index, "fields": fields} for index, fields in by_place.items()]


def _invalid(errors: Sequence[Refused]) -> Problem:
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-contacts",
        "Contacts are invalid; none was taken",
        errors=errors,
    )


def read_contacts(body: bytes, span: Span) -> tuple[list[Contact], list[Refused]]:
    """Read one contact or a list of them from JSON; gives also addresses that are refused alone.

    A contact that has another address is taken without its wrong one.

    Args:
        body: The request's.
        span: When somebody can have agreed to something.

    Raises:
        Problem: 400, 413 or 422, naming fields and never values.
    """
    try:
        parsed: Any = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Problem(
            HTTPStatus.BAD_REQUEST, "malformed-contacts", "The body is not JSON", str(error)
        ) from None
    documents = parsed if isinstance(parsed, list) else [parsed]
    if len(documents) > BATCH_LIMIT:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too-many-contacts",
            "The request holds too many contacts",
            f"Send at most {BATCH_LIMIT} contacts at once.",
        )
    contacts: list[Contact] = []
    errors: list[Refused] = []
    refused: list[Refused] = []
    for index, document in enumerate(documents):
        given = _given(document)
        text = to_json(given)
        if text.count(b",") > _MOST_VALUES:
            errors.append({"index": index, "fields": [_TOO_MUCH]})
            continue
        try:
            contact = Contact.model_validate_json(text)
        except ValidationError as error:
            wrong: Refused = {"index": index, "fields": _fields(error)}
            good = _without_wrong_addresses(given, error)
            if good is None:
                errors.append(wrong)
                continue
            refused.append(wrong)
            contact = good
        contacts.append(contact)
        if implausible := _implausible(contact, span):
            errors.append({"index": index, "fields": implausible})
    if errors or not contacts:
        raise _invalid(errors)
    return contacts, refused


def named_in(contacts: Iterable[Contact]) -> list[str]:
    """Give whom contacts name to be told about their cases."""
    return [party.contact_ref for contact in contacts for party in contact.parties]


def places_of(refs: Collection[str], contacts: Sequence[Contact]) -> Iterator[tuple[int, str]]:
    """Give where a request speaks of some contacts: place in the request, and field."""
    for index, contact in enumerate(contacts):
        if contact.contact_ref in refs:
            yield index, "contact_ref"
        for place, party in enumerate(contact.parties):
            if party.contact_ref in refs:
                yield index, f"parties.{place}.contact_ref"


def _given(document: object) -> object:
    """Leave out the fields of a contact that are null: they aren't there."""
    if not isinstance(document, dict):
        return document
    return {name: value for name, value in document.items() if value is not None}


def _without_wrong_addresses(document: object, error: ValidationError) -> Contact | None:
    """Give the contact by its good addresses; None without one, or if something else is wrong."""
    wrong = {str(next(iter(one["loc"]), "")) for one in error.errors(include_input=False)}
    if not isinstance(document, dict) or not wrong <= ADDRESSES:
        return None
    good = {name: value for name, value in document.items() if name not in wrong}
    if ADDRESSES.isdisjoint(good):
        return None
    return Contact.model_validate_json(to_json(good))


def _implausible(contact: Contact, span: Span) -> list[JsonValue]:
    faults = ((place, span.fault(one.at)) for place, one in enumerate(contact.agreements))
    return [
        {"field": f"agreements.{place}.at", "reason": fault}
        for place, fault in faults
        if fault is not None
    ]


def _fields(error: ValidationError) -> list[JsonValue]:
    found = field_errors(error, known=_FIELDS)
    return [{"field": one.field, "reason": one.reason} for one in found]
