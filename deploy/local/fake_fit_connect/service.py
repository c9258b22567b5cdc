"""The delivery service: it grants access, opens submissions, and tells what happened to them."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from secrets import token_urlsafe
from time import monotonic
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

from joserfc import jws
from joserfc.jwk import RSAKey
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.local.fake_fit_connect.documents import (
    DESTINATION,
    ENCRYPTED,
    EVENTS,
    MESSAGE_SCHEMA,
    SCHEMAS,
    SERVICE,
    SIGNED,
    WRAPPED,
    Announcement,
    Submitted,
)
from deploy.local.fake_fit_connect.keys import keys_in
from deploy.local.fake_fit_connect.mailboxes import (
    NOBODYS,
    TAKEN,
    Mailboxes,
    Objection,
    messages_in,
)

_TOKEN_LIFE = timedelta(minutes=30)
_KEYS = "keys.json"
_PARTS_AFTER_HEADER = 4
"""Of a JWE in its compact form (RFC 7516, 7.1)."""


class _Client(BaseModel):
    """What the fake knows of its only client: the secret `fit_connect`."""

    client_id: str
    client_secret: str
    author_certificate: str


@dataclass(slots=True)
class Opened:
    """A submission: what it is called, and what is told of it."""

    id: UUID
    case: UUID
    log: list[str] = field(default_factory=list)
    submitted: bool = False


class SimulatedService:
    """The delivery service, and the owner of the mailboxes who takes a message at once.

    What was opened and not filled is forgotten at a new start. Not synchronised to disk.
    """

    def __init__(self, folder: Path, client: str, url: str) -> None:
        """Wire it; `client` is the secret `fit_connect`, `url` where the service is."""
        folder.mkdir(parents=True, exist_ok=True)
        self.keys = keys_in(folder / _KEYS)
        self.file = folder / TAKEN
        self._client = _Client.model_validate_json(client)
        self._mailboxes = Mailboxes(self.file, self.keys, self._client.author_certificate)
        self._issuer = f"{url}/submission-api"
        self.tokens: dict[str, float] = {}
        self.opened: dict[UUID, Opened] = {}
        for line in messages_in(self.file):
            one = Opened(UUID(line["submission"]), UUID(line["case"]), submitted=True)
            self.opened[one.id] = one
            self._tell_all(one, UUID(line["mailbox"]))

    @property
    def routes(self) -> Sequence[Route]:
        """What it answers to."""
        destination, submissions = (
            "/destination-api/v2/destinations",
            "/submission-api/v2/submissions",
        )
        return [
            Route("/", self.welcome),
            Route("/token", self.grant, methods=["POST"]),
            Route(f"{destination}/{{id:uuid}}", self.destination),
            Route(f"{destination}/{{id:uuid}}/keys/{{kid}}", self.key),
            Route(submissions, self.announce, methods=["POST"]),
            Route(f"{submissions}/{{id:uuid}}", self.submit, methods=["PUT"]),
            Route(f"{submissions}/{{id:uuid}}/events", self.events),
            Route("/submission-api/.well-known/jwks.json", self.published_keys),
        ]

    async def welcome(self, _: Request) -> Response:
        """Say what this is."""
        return Response("A fake of FIT-Connect: it sends nothing on\n")

    async def grant(self, request: Request) -> Response:
        """Grant access for half an hour (RFC 6749, 4.4)."""
        wanted = {
            "grant_type": "client_credentials",
            "client_id": self._client.client_id,
            "client_secret": self._client.client_secret,
        }
        if dict(parse_qsl((await request.body()).decode())) != wanted:
            return JSONResponse({"error": "invalid_client"}, HTTPStatus.UNAUTHORIZED)
        token = token_urlsafe()
        life = _TOKEN_LIFE.total_seconds()
        self.tokens[token] = monotonic() + life
        return JSONResponse(
            {"access_token": token, "token_type": "Bearer", "expires_in": int(life)}
        )

    async def destination(self, request: Request) -> Response:
        """Tell of the destination that owns the mailboxes."""
        if (refusal := self._refusal(request)) is not None:
            return refusal
        if request.path_params["id"] != DESTINATION:
            return _problem(HTTPStatus.NOT_FOUND, "destination-not-found")
        return JSONResponse(
            {
                "destinationId": str(DESTINATION),
                "name": "Fake of the central mailbox",
                "status": "active",
                "encryptionKid": self.keys.encryption.kid,
                "metadataVersions": ["2.1.0"],
                "publicServices": [
                    {
                        "identifier": SERVICE,
                        "regions": ["DE"],
                        "submissionSchemas": [MESSAGE_SCHEMA],
                    }
                ],
            }
        )

    async def key(self, request: Request) -> Response:
        """Give a public key of the destination's."""
        if (refusal := self._refusal(request)) is not None:
            return refusal
        known = {
            self.keys.encryption.kid: (self.keys.encryption, WRAPPED, "wrapKey"),
            self.keys.destination.kid: (self.keys.destination, SIGNED, "verify"),
        }
        if request.path_params["kid"] not in known:
            return _problem(HTTPStatus.NOT_FOUND, "key-not-found")
        return JSONResponse(_public(*known[request.path_params["kid"]]))

    async def published_keys(self, _: Request) -> Response:
        """Give the service's public keys, to anybody."""
        return JSONResponse({"keys": [_public(self.keys.service, SIGNED, "verify")]})

    async def announce(self, request: Request) -> Response:
        """Open a submission."""
        if (refusal := self._refusal(request)) is not None:
            return refusal
        try:
            asked = Announcement.model_validate_json(await request.body())
        except ValidationError:
            return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, "schema-violation")
        if asked.destination_id != DESTINATION:
            return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, "destination-not-found")
        one = Opened(uuid4(), uuid4())
        self.opened[one.id] = one
        self._tell(one, "create-submission")
        return JSONResponse(
            {
                "submissionId": str(one.id),
                "caseId": str(one.case),
                "destinationId": str(DESTINATION),
            },
            HTTPStatus.CREATED,
        )

    async def submit(self, request: Request) -> Response:
        """Take what is put into a submission, once, if it is encrypted as it must be."""
        if (refusal := self._refusal(request)) is not None:
            return refusal
        one = self.opened.get(request.path_params["id"])
        if one is None:
            return _problem(HTTPStatus.NOT_FOUND, "submission-not-found")
        if one.submitted:  # ours: the documentation doesn't say what a repeat is answered
            return _problem(HTTPStatus.CONFLICT, "already-submitted")
        try:
            given = Submitted.model_validate_json(await request.body())
            self._check_headers(given.encrypted_metadata, given.encrypted_data)
        except ValueError:
            return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, "encryption-issue")
        one.submitted = True
        self._take(one, given)
        return JSONResponse({"submissionId": str(one.id), "caseId": str(one.case)})

    async def events(self, request: Request) -> Response:
        """Give what happened to a submission."""
        if (refusal := self._refusal(request)) is not None:
            return refusal
        one = self.opened.get(request.path_params["id"])
        if one is None:
            return _problem(HTTPStatus.NOT_FOUND, "submission-not-found")
        return JSONResponse(
            {"offset": 0, "count": len(one.log), "totalCount": len(one.log), "eventLog": one.log}
        )

    def _refusal(self, request: Request) -> Response | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token, 0) > monotonic():
            return None
        return _problem(HTTPStatus.UNAUTHORIZED, "unauthorized")

    def _check_headers(self, *tokens: str) -> None:
        wanted = {
            "alg": WRAPPED,
            "enc": ENCRYPTED,
            "kid": self.keys.encryption.kid,
            "cty": "application/json",
        }
        for token in tokens:
            header, *others = token.split(".")
            found = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))
            if len(others) != _PARTS_AFTER_HEADER or not wanted.items() <= found.items():
                raise ValueError("isn't encrypted as it must be")

    def _take(self, one: Opened, given: Submitted) -> None:
        self._tell(one, "submit-submission", {"authenticationTags": _tags(given)})
        try:
            mailbox = self._mailboxes.take(one.id, one.case, given)
        except Objection as objection:
            self._reject(one, objection)
            return
        self.end(one, mailbox)

    def _tell_all(self, one: Opened, mailbox: UUID) -> None:
        """Tell once more, after a new start, what happened to a submission that was taken."""
        self._tell(one, "create-submission")
        self._tell(one, "submit-submission")
        self.end(one, mailbox)

    def end(self, one: Opened, mailbox: UUID) -> None:
        """Tell whether the owner of the mailboxes took it."""
        if str(mailbox).startswith(NOBODYS):
            self._reject(one, Objection("mailbox-unknown"))
        else:
            self._tell(one, "accept-submission", by_service=False)

    def _reject(self, one: Opened, objection: Objection) -> None:
        problem = {
            "type": objection.type,
            "title": "Rejected",
            "detail": "The fake rejects this.",
            "instance": "data",
        }
        self._tell(one, "reject-submission", {"problems": [problem]}, by_service=False)

    def _tell(
        self,
        one: Opened,
        event: str,
        payload: Mapping[str, object] | None = None,
        *,
        by_service: bool = True,
    ) -> None:
        one.log.append(self.signed(one, event, payload, by_service=by_service))

    def signed(
        self,
        one: Opened,
        event: str,
        payload: Mapping[str, object] | None = None,
        *,
        by_service: bool,
        key: RSAKey | None = None,
    ) -> str:
        """Write an event (RFC 8417); another `key` than the teller's forges it."""
        own = self.keys.service if by_service else self.keys.destination
        claims = {
            "$schema": f"{SCHEMAS}/set-payload/2.0.0/set-payload.schema.json",
            "jti": str(uuid4()),
            "iss": self._issuer if by_service else str(DESTINATION),
            "iat": int(datetime.now(UTC).timestamp()),
            "sub": f"submission:{one.id}",
            "txn": f"case:{one.case}",
            "events": {f"{EVENTS}/{event}": dict(payload or {})},
        }
        header = {"alg": SIGNED, "typ": "secevent+jwt", "kid": own.kid}
        return jws.serialize_compact(header, json.dumps(claims), key or own, algorithms=[SIGNED])


def _tags(given: Submitted) -> dict[str, str]:
    """Give what proves what was put in: the last part of each JWE."""
    parts = {"metadata": given.encrypted_metadata, "data": given.encrypted_data}
    return {name: token.rpartition(".")[2] for name, token in parts.items()}


def _public(key: RSAKey, algorithm: str, operation: str) -> dict[str, object]:
    return {**key.as_dict(private=False), "alg": algorithm, "key_ops": [operation]}


def _problem(status: HTTPStatus, name: str) -> Response:
    """Refuse in the documented form (RFC 7807)."""
    return JSONResponse(
        {"type": f"{SCHEMAS}/submission-api/problems/{name}", "title": name, "status": status},
        status,
        media_type="application/problem+json",
    )
