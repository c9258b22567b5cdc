"""A FAKE of FIT-Connect and of the mailboxes behind it: it keeps every message and sends none on.

It behaves as docs.fitko.de/fit-connect says of the Submission API, version 2: it grants access,
opens submissions, takes what is encrypted and nothing else, and tells what happened in signed
events. Behind it stands the owner of the mailboxes, who decrypts and checks what it is given. It
was never compared with the real one; what it says where the documentation is silent is marked as
ours. A process of its own:
`python -m deploy.local.fake_fit_connect --port 2527 --folder FOLDER --secrets FOLDER`.
"""

import asyncio
import json
import sys
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha512
from http import HTTPStatus
from pathlib import Path
from secrets import token_hex, token_urlsafe
from time import monotonic
from typing import Any, Literal
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

import click
import uvicorn
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA512
from joserfc import jwe, jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.local import child
from deploy.local.folder import Folder
from deploy.local.ports import HOST
from shared.security.secrets import SecretName, SecretStore

PLACE = "NOTIFY_FIT_CONNECT"
"""The variable that names a real one."""
DESTINATION = UUID("f17c0000-fa4e-4000-8000-000000000001")
NOBODYS = "ffffffff-"
"""How handles begin that are nobody's: messages to them are rejected. Ours, as is the problem."""
TAKEN = "taken.jsonl"

_READY_TIMEOUT = timedelta(seconds=40)
_TOKEN_LIFE = timedelta(minutes=30)
_BITS = 4096
_KEYS = "keys.json"
_SCHEMAS = "https://schema.fitko.de/fit-connect"
_EVENTS = f"{_SCHEMAS}/events"
_SERVICE = "urn:schema-fitko-de:fit-connect:id.bund.de:message_v6"
_MESSAGE_SCHEMA = f"{_SCHEMAS}/id.bund.de/message_v6/1.0.0/zbp-message.schema.json"
_METADATA_SCHEMA = f"{_SCHEMAS}/metadata/2.1.0/metadata.schema.json"
_PARTS_AFTER_HEADER = 4
"""Of a JWE in its compact form (RFC 7516, 7.1)."""
_WRAPPED, _ENCRYPTED, _SIGNED = "RSA-OAEP-256", "A256GCM", "PS512"


class FakeFitConnect:
    """The fake of the local stack, in one process.

    Args:
        folder: Where its files, the secrets and the log file are.
        port: Port for clients.
    """

    def __init__(self, folder: Folder, *, port: int) -> None:
        self._folder = folder
        self._port = port

    @property
    def settings(self) -> Mapping[str, str]:
        """Give notify's settings for it: it tells at once what came of a message."""
        return {PLACE: json.dumps(place(self._port)), "NOTIFY_EVENT_LOG_PAUSE": "PT0.1S"}

    def start(self) -> child.Child:
        """Start the process and wait until it answers.

        Raises:
            ChildDied, NotReady: when it doesn't.
        """
        options = ["--port", self._port, "--folder", self._folder.fake_fit_connect]
        options += ["--secrets", self._folder.secrets]
        process = child.start(
            "fake-fit-connect",
            [sys.executable, "-m", "deploy.local.fake_fit_connect", *map(str, options)],
            log=self._folder.log("fake-fit-connect"),
        )
        process.wait_for_answer(f"http://{HOST}:{self._port}/", timeout=_READY_TIMEOUT)
        return process


def place(port: int) -> dict[str, str]:
    """Give where a fake on a port is, as NOTIFY_FIT_CONNECT names it."""
    url = f"http://{HOST}:{port}"
    return {
        "token_url": f"{url}/token",
        "submission_url": f"{url}/submission-api",
        "destination_url": f"{url}/destination-api",
        "destination": str(DESTINATION),
    }


class _Client(BaseModel):
    """What the fake knows of its only client: the secret `fit_connect`."""

    client_id: str
    client_secret: str
    author_certificate: str


class _Announcement(BaseModel):
    class Service(BaseModel):
        identifier: Literal["urn:schema-fitko-de:fit-connect:id.bund.de:message_v6"]
        name: str = Field(min_length=1)

    destinationId: UUID  # noqa: N815 - the API's name
    announcedAttachments: tuple[UUID, ...] = Field(max_length=0)  # noqa: N815
    publicService: Service  # noqa: N815


class _Submitted(BaseModel):
    encryptedMetadata: str  # noqa: N815 - the API's name
    encryptedData: str  # noqa: N815


class _Envelope(BaseModel):
    """What the portal is given: a message, and who says that it is theirs."""

    model_config = ConfigDict(extra="forbid")

    content: str
    sha512sum: str
    authorToken: str  # noqa: N815 - the API's name
    authorCertificate: str  # noqa: N815


class _Message(BaseModel):
    """A message in version 6."""

    model_config = ConfigDict(extra="forbid")

    stork_qaa_level: int = Field(ge=1, le=4)
    mailboxUuid: UUID  # noqa: N815 - the API's name
    sender: str = Field(min_length=1, max_length=255)
    title: str = Field(min_length=1, max_length=1024)
    content: str = Field(min_length=1)
    service: str = Field(min_length=1, max_length=255)
    reference: str | None = Field(default=None, max_length=255)
    senderUrl: str | None = Field(default=None, max_length=255)  # noqa: N815


class Objection(Exception):
    """Why the owner of the mailboxes rejects a submission."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.type = f"{_EVENTS}/problems/{name}"


@dataclass(slots=True)
class Opened:
    """A submission: what it is called, and what is told of it."""

    id: UUID
    case: UUID
    log: list[str] = field(default_factory=list)
    submitted: bool = False


class Keys:
    """The private keys of the service and of the owner of the mailboxes, kept in a file."""

    def __init__(self, file: Path) -> None:
        found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        made = {
            name: RSAKey.import_key(found[name]) if name in found else _new_key(name)
            for name in ("encryption", "destination", "service")
        }
        if not found:
            file.touch(mode=0o600)
            kept = {name: key.as_dict(private=True) for name, key in made.items()}
            file.write_text(json.dumps(kept))
        self.encryption, self.destination, self.service = made.values()


def _new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(_BITS, {"kid": f"{name}-{token_hex(8)}"})


class SimulatedService:
    """The delivery service, and the owner of the mailboxes who takes a message at once.

    What was opened and not filled is forgotten at a new start. Not synchronised to disk.
    """

    def __init__(self, folder: Path, client: str, url: str) -> None:
        """Wire it; `client` is the secret `fit_connect`, `url` where the service is."""
        folder.mkdir(parents=True, exist_ok=True)
        self.keys = Keys(folder / _KEYS)
        self.file = folder / TAKEN
        self._client = _Client.model_validate_json(client)
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

    def end_tokens(self) -> None:
        """Let every token that was granted be over."""
        self.tokens.clear()

    async def destination(self, request: Request) -> Response:
        """Tell of the destination that owns the mailboxes."""
        if (refusal := self._refusal(request)) is not None:
            return refusal
        if request.path_params["id"] != DESTINATION:
            return _problem(HTTPStatus.NOT_FOUND, "destination-not-found")
        schema = {"schemaUri": _MESSAGE_SCHEMA, "mimeType": "application/json"}
        return JSONResponse(
            {
                "destinationId": str(DESTINATION),
                "name": "Fake of the central mailbox",
                "status": "active",
                "encryptionKid": self.keys.encryption.kid,
                "metadataVersions": ["2.1.0"],
                "publicServices": [
                    {"identifier": _SERVICE, "regions": ["DE"], "submissionSchemas": [schema]}
                ],
            }
        )

    async def key(self, request: Request) -> Response:
        """Give a public key of the destination's."""
        if (refusal := self._refusal(request)) is not None:
            return refusal
        known = {
            self.keys.encryption.kid: (self.keys.encryption, _WRAPPED, "wrapKey"),
            self.keys.destination.kid: (self.keys.destination, _SIGNED, "verify"),
        }
        if request.path_params["kid"] not in known:
            return _problem(HTTPStatus.NOT_FOUND, "key-not-found")
        return JSONResponse(_public(*known[request.path_params["kid"]]))

    async def published_keys(self, _: Request) -> Response:
        """Give the service's public keys, to anybody."""
        return JSONResponse({"keys": [_public(self.keys.service, _SIGNED, "verify")]})

    async def announce(self, request: Request) -> Response:
        """Open a submission."""
        if (refusal := self._refusal(request)) is not None:
            return refusal
        try:
            asked = _Announcement.model_validate_json(await request.body())
        except ValidationError:
            return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, "schema-violation")
        if asked.destinationId != DESTINATION:
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
            given = _Submitted.model_validate_json(await request.body())
            self._check_headers(given.encryptedMetadata, given.encryptedData)
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
            "alg": _WRAPPED,
            "enc": _ENCRYPTED,
            "kid": self.keys.encryption.kid,
            "cty": "application/json",
        }
        for token in tokens:
            header, *others = token.split(".")
            found = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))
            if len(others) != _PARTS_AFTER_HEADER or not wanted.items() <= found.items():
                raise ValueError("isn't encrypted as it must be")

    def _take(self, one: Opened, given: _Submitted) -> None:
        self._tell(one, "submit-submission", {"authenticationTags": _tags(given)})
        try:
            message = self._read(given)
        except Objection as objection:
            self._reject(one, objection)
            return
        line = {
            "submission": str(one.id),
            "case": str(one.case),
            "mailbox": str(message.mailboxUuid),
            "reference": message.reference,
            "title": message.title,
            "text": message.content,
        }
        with self.file.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(line)}\n")
        self.end(one, message.mailboxUuid)

    def _read(self, given: _Submitted) -> _Message:
        """Decrypt and check, as the owner of the mailboxes does."""
        data = self._decrypted(given.encryptedData)
        _check_metadata(self._decrypted(given.encryptedMetadata), data)
        try:
            envelope = _Envelope.model_validate_json(data)
            message = _Message.model_validate_json(envelope.content)
        except ValidationError:
            raise Objection("schema-violation") from None
        self._check_author(envelope)
        return message

    def _decrypted(self, token: str) -> bytes:
        try:
            read = jwe.decrypt_compact(
                token, self.keys.encryption, algorithms=[_WRAPPED, _ENCRYPTED]
            )
        except (JoseError, ValueError):
            raise Objection("encryption-issue") from None
        return read.plaintext or b""

    def _check_author(self, envelope: _Envelope) -> None:
        if envelope.authorCertificate.strip() != self._client.author_certificate.strip():
            raise Objection("author-unknown")
        certificate = x509.load_pem_x509_certificate(envelope.authorCertificate.encode())
        key = certificate.public_key()
        assert isinstance(key, RSAPublicKey)
        try:
            key.verify(
                b64decode(envelope.sha512sum), envelope.content.encode(), PKCS1v15(), SHA512()
            )
            token = jwt.decode(envelope.authorToken, RSAKey.import_key(key), algorithms=["RS512"])
            jwt.JWTClaimsRegistry(exp={"essential": True}).validate(token.claims)
        except (InvalidSignature, JoseError, ValueError):
            raise Objection("author-unknown") from None

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
            "$schema": f"{_SCHEMAS}/set-payload/2.0.0/set-payload.schema.json",
            "jti": str(uuid4()),
            "iss": self._issuer if by_service else str(DESTINATION),
            "iat": int(datetime.now(UTC).timestamp()),
            "sub": f"submission:{one.id}",
            "txn": f"case:{one.case}",
            "events": {f"{_EVENTS}/{event}": dict(payload or {})},
        }
        header = {"alg": _SIGNED, "typ": "secevent+jwt", "kid": own.kid}
        return jws.serialize_compact(header, json.dumps(claims), key or own, algorithms=[_SIGNED])


def _check_metadata(metadata: bytes, data: bytes) -> None:
    try:
        document = json.loads(metadata)
        found = document["contentStructure"]["data"]
        told = (document["$schema"], found["submissionSchema"], found["hash"]["type"])
    except (ValueError, KeyError, TypeError):
        raise Objection("syntax-violation") from None
    schema = {"schemaUri": _MESSAGE_SCHEMA, "mimeType": "application/json"}
    if told != (_METADATA_SCHEMA, schema, "sha512"):
        raise Objection("schema-violation")
    if found["hash"]["content"] != sha512(data).hexdigest():
        raise Objection("incorrect-hash")


def _tags(given: _Submitted) -> dict[str, str]:
    """Give what proves what was put in: the last part of each JWE."""
    parts = {"metadata": given.encryptedMetadata, "data": given.encryptedData}
    return {name: token.rpartition(".")[2] for name, token in parts.items()}


def _public(key: RSAKey, algorithm: str, operation: str) -> dict[str, object]:
    return {**key.as_dict(private=False), "alg": algorithm, "key_ops": [operation]}


def _problem(status: HTTPStatus, name: str) -> Response:
    """Refuse in the documented form (RFC 7807)."""
    return JSONResponse(
        {"type": f"{_SCHEMAS}/submission-api/problems/{name}", "title": name, "status": status},
        status,
        media_type="application/problem+json",
    )


def messages_in(file: Path) -> list[dict[str, str]]:
    """Read what was taken, in order."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]


async def serve(port: int, folder: Path, secrets: Path) -> None:
    """Listen until SIGTERM or SIGINT."""
    client = SecretStore(secrets).text(SecretName.FIT_CONNECT).get_secret_value()
    service = SimulatedService(folder, client, f"http://{HOST}:{port}")
    app = Starlette(routes=list(service.routes))
    config = uvicorn.Config(app, host=HOST, port=port, log_level="warning", access_log=False)
    await uvicorn.Server(config).serve()


@click.command()
@click.option("--port", type=int, required=True, help="Port to listen on.")
@click.option("--folder", type=click.Path(path_type=Path), required=True, help="Where to store.")
@click.option("--secrets", type=click.Path(path_type=Path), required=True, help="Its client's.")
def main(port: int, folder: Path, secrets: Path) -> None:
    """Keep every message to a mailbox as a line of a file and send none on: a fake."""
    asyncio.run(serve(port, folder, secrets))


if __name__ == "__main__":
    main()
