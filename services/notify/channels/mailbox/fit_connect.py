"""Mailboxes through FIT-Connect: its Submission API, version 2 (docs.fitko.de/fit-connect).

A message is a submission to the destination that owns the mailboxes: one opens it, then puts the
encrypted message into it. What the service and the destination say afterwards stands in the
submission's event log. The API has no key for repeats, but who keeps the name of what was opened
can put the message in again without a second one arising; so it is kept before anything is put in.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha512
from http import HTTPStatus
from time import monotonic
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import quote
from uuid import UUID

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.notify.channels.mailbox.access_token import AccessToken
from services.notify.channels.mailbox.author import MailboxAuthor
from services.notify.channels.mailbox.fit_connect_keys import FitConnectKeys
from services.notify.channels.mailbox.security_event import (
    EventForged,
    SecurityEvent,
    Teller,
    Token,
)
from services.notify.channels.mailbox.web_keys import (
    KeyRefused,
    Use,
    WebKey,
    encrypt,
    keys_of,
    read_key,
)
from services.notify.channels.mailbox.writing import MailboxMessage, Submission
from services.notify.sending.answer import Answer
from services.notify.sending.carrier import ProviderUnreachable

NAME = "FIT-Connect"
SERVICE = "urn:schema-fitko-de:fit-connect:id.bund.de:message_v6"
"""What is asked of the destination: to forward a message to a mailbox of the BundID."""
SCHEMA = "https://schema.fitko.de/fit-connect/id.bund.de/message_v6/1.0.0/zbp-message.schema.json"
METADATA_SCHEMA = "https://schema.fitko.de/fit-connect/metadata/2.1.0/metadata.schema.json"
TIMEOUT = httpx.Timeout(connect=5, read=20, write=10, pool=5)
KEYS_KEPT = timedelta(minutes=10)
"""Keys are asked for again after this time: owners replace them."""
LONGEST_LOG = 500

_NOT_OPENED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_MEANINGS: Mapping[int, Answer] = MappingProxyType(
    {
        HTTPStatus.TOO_MANY_REQUESTS: Answer.LATER,
        # What was opened is gone; the next try opens anew.
        HTTPStatus.NOT_FOUND: Answer.LATER,
        HTTPStatus.BAD_REQUEST: Answer.CONTENT_REFUSED,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Answer.CONTENT_REFUSED,
        HTTPStatus.UNPROCESSABLE_ENTITY: Answer.CONTENT_REFUSED,
    }
)
# We aren't let in: that meets every message and will be mended, so none may be lost over it.
_SHUT_OUT = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class FitConnectPlace(BaseModel):
    """Where FIT-Connect is, and who owns the mailboxes there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token_url: str = Field(description="Where access is granted.")
    submission_url: str = Field(description="The Submission API, above `v2/`.")
    destination_url: str = Field(description="The Destination API, above `v2/`.")
    destination: UUID = Field(description="Forwards messages to mailboxes.")


class SubmissionGone(Exception):
    """The service doesn't know a submission any more."""


Understood = TypeVar("Understood", bound=BaseModel)


class _Destination(BaseModel):
    status: str
    encryptionKid: str  # noqa: N815 - the API's name


class _Opened(BaseModel):
    submissionId: UUID  # noqa: N815 - the API's name
    caseId: UUID  # noqa: N815 - the API's name


class _EventLog(BaseModel):
    eventLog: tuple[str, ...]  # noqa: N815 - the API's name


class FitConnect:
    """The service, over connections that it keeps open."""

    def __init__(self, place: FitConnectPlace, keys: FitConnectKeys, author: MailboxAuthor) -> None:
        """Wire it; `author` signs the messages."""
        self._place = place
        self._author = author
        self._token = AccessToken(place.token_url, keys.client_id, keys.client_secret)
        self._client = httpx.AsyncClient(timeout=TIMEOUT, trust_env=False)
        self._key: tuple[float, WebKey] | None = None
        self._signing: dict[tuple[Teller, str], tuple[float, WebKey]] = {}

    async def greet(self) -> WebKey:
        """Give the key that messages are encrypted with; it is asked for again now and then.

        Raises:
            ProviderUnreachable: We aren't let in, or there is no key that may be used. Without one
                nothing leaves.
        """
        if self._key is not None and self._key[0] > monotonic():
            return self._key[1]
        found = _understood(await self._ask("GET", self._destination_path()), _Destination)
        if found.status != "active":
            raise ProviderUnreachable(NAME, "the destination isn't active")
        answer = await self._ask("GET", self._destination_path("keys", found.encryptionKid))
        try:
            key = read_key(_json(answer), Use.ENCRYPTION)
        except KeyRefused as refusal:
            raise ProviderUnreachable(NAME, f"the destination's key: {refusal}") from None
        self._key = (monotonic() + KEYS_KEPT.total_seconds(), key)
        return key

    async def announce(self, service: str) -> Submission:
        """Open a submission; nothing of a message is in it. `service` is who offers it to people.

        Raises:
            ProviderUnreachable: None is opened.
        """
        answer = await self._ask(
            "POST",
            self._submission_path(),
            body={
                "destinationId": str(self._place.destination),
                "announcedAttachments": [],
                "publicService": {"name": service, "identifier": SERVICE},
            },
        )
        opened = _understood(answer, _Opened)
        return Submission(opened.submissionId, opened.caseId)

    async def submit(self, submission: Submission, message: MailboxMessage) -> Answer:
        """Put a message, encrypted, into what was opened for it.

        Raises:
            ProviderUnreachable: We aren't let in; nothing was handed over.
        """
        key = await self.greet()
        data = self._author.envelope(message.content, datetime.now(UTC))
        body = {
            "encryptedMetadata": encrypt(_metadata(data), key),
            "encryptedData": encrypt(data, key),
        }
        try:
            answer = await self._call("PUT", self._submission_path(submission), body)
        except httpx.HTTPError:
            return Answer.UNCLEAR
        if answer.status_code in _SHUT_OUT:
            raise _refused(answer)
        if answer.is_success:
            return Answer.ACCEPTED
        return _MEANINGS.get(answer.status_code, Answer.UNCLEAR)

    async def events(self, submission: Submission) -> list[SecurityEvent | EventForged]:
        """Give what is told of a submission, in order; what isn't believed with the reason.

        Raises:
            SubmissionGone: Nothing is told any more.
            ProviderUnreachable: not now.
        """
        path = f"{self._submission_path(submission, 'events')}?limit={LONGEST_LOG}&offset=0"
        answer = await self._reached("GET", path)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise SubmissionGone
        if not answer.is_success:
            raise _refused(answer)
        return [
            await self._believed(text, submission)
            for text in _understood(answer, _EventLog).eventLog
        ]

    async def close(self) -> None:
        """Take leave."""
        await self._client.aclose()

    async def _believed(self, text: str, submission: Submission) -> SecurityEvent | EventForged:
        try:
            token = Token.read(text)
            teller = self._teller(token.issuer)
            key = await self._signing_key(teller, token.kid)
            return token.verified(key, teller, submission.id, submission.case)
        except EventForged as forged:
            return forged

    def _teller(self, issuer: str) -> Teller:
        """Tell who a token claims to come from; who is neither finds no key of theirs."""
        own = issuer == str(self._place.destination)
        return Teller.DESTINATION if own else Teller.SERVICE

    async def _signing_key(self, teller: Teller, kid: str) -> WebKey:
        kept = self._signing.get((teller, kid))
        if kept is not None and kept[0] > monotonic():
            return kept[1]
        key = await self._published_key(teller, kid)
        self._signing[teller, kid] = (monotonic() + KEYS_KEPT.total_seconds(), key)
        return key

    async def _published_key(self, teller: Teller, kid: str) -> WebKey:
        if teller is Teller.SERVICE:
            url = f"{self._place.submission_url.rstrip('/')}/.well-known/jwks.json"
            key = keys_of(_json(await self._ask("GET", url))).get(kid)
            if key is None:
                raise EventForged("names a key that nobody publishes")
            return key
        answer = await self._reached("GET", self._destination_path("keys", kid))
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise EventForged("names a key that nobody publishes")
        if not answer.is_success:
            raise _refused(answer)
        try:
            return read_key(_json(answer), Use.SIGNATURES)
        except KeyRefused:
            raise EventForged("names a key that signs nothing") from None

    async def _ask(self, method: str, url: str, body: object = None) -> httpx.Response:
        """Ask for what must be there; raises ProviderUnreachable if it isn't given."""
        answer = await self._reached(method, url, body)
        if not answer.is_success:
            raise _refused(answer)
        return answer

    async def _reached(self, method: str, url: str, body: object = None) -> httpx.Response:
        """Ask where nothing is lost without an answer; raises ProviderUnreachable then."""
        try:
            return await self._call(method, url, body)
        except httpx.HTTPError as error:
            raise ProviderUnreachable(NAME, type(error).__name__) from None

    async def _call(self, method: str, url: str, body: object = None) -> httpx.Response:
        """Ask, with a new token if the one we have isn't taken."""
        token = await self._token.give(self._client)
        answer = await self._send(method, url, body, token)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            token = await self._token.give(self._client, refused=token)
            answer = await self._send(method, url, body, token)
        return answer

    async def _send(self, method: str, url: str, body: object, token: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        try:
            return await self._client.request(method, url, headers=headers, json=body)
        except _NOT_OPENED as error:
            raise ProviderUnreachable(NAME, type(error).__name__) from None

    def _destination_path(self, *parts: str) -> str:
        return _path(self._place.destination_url, "destinations", self._place.destination, *parts)

    def _submission_path(self, submission: Submission | None = None, *parts: str) -> str:
        names = (submission.id, *parts) if submission else ()
        return _path(self._place.submission_url, "submissions", *names)


def _path(base: str, *parts: object) -> str:
    return "/".join((base.rstrip("/"), "v2", *(quote(str(part), safe="") for part in parts)))


def _metadata(data: bytes) -> bytes:
    """Describe what is put in, with its hash, so that its reader can tell that it is whole."""
    document = {
        "$schema": METADATA_SCHEMA,
        "contentStructure": {
            "data": {
                "submissionSchema": {"schemaUri": SCHEMA, "mimeType": "application/json"},
                "hash": {"type": "sha512", "content": sha512(data).hexdigest()},
            },
            "attachments": [],
        },
    }
    return json.dumps(document).encode()


def _refused(answer: httpx.Response) -> ProviderUnreachable:
    return ProviderUnreachable(NAME, f"HTTP status {answer.status_code}")


def _json(answer: httpx.Response) -> object:
    try:
        return answer.json()
    except ValueError:
        raise ProviderUnreachable(NAME, "an answer that can't be read") from None


def _understood(answer: httpx.Response, model: type[Understood]) -> Understood:
    try:
        return model.model_validate_json(answer.content)
    except ValidationError:
        # What it says may quote an address.
        raise ProviderUnreachable(NAME, "an answer that can't be read") from None
