"""The owner of the mailboxes, who decrypts and checks what is submitted, and keeps it."""

import json
from base64 import b64decode
from hashlib import sha512
from pathlib import Path
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA512
from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from pydantic import ValidationError

from deploy.local.fake_fit_connect.documents import (
    ENCRYPTED,
    EVENTS,
    MESSAGE_SCHEMA,
    METADATA_SCHEMA,
    WRAPPED,
    Envelope,
    Message,
    Submitted,
)
from deploy.local.fake_fit_connect.keys import Keys

TAKEN = "taken.jsonl"
NOBODYS = "ffffffff-"
"""How handles begin that are nobody's: messages to them are rejected. Ours, as is the problem."""
TAKEN = "taken.jsonl"


class Objection(Exception):
    """Why the owner of the mailboxes rejects a submission."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.type = f"{EVENTS}/problems/{name}"


class Mailboxes:
    """Takes messages into a file: one line each, and nothing is sent on."""

    def __init__(self, file: Path, keys: Keys, author: str) -> None:
        """Wire it; `author` is the certificate of the only one who may write."""
        self._file = file
        self._keys = keys
        self._author = author

    def take(self, submission: UUID, case: UUID, given: Submitted) -> UUID:
        """Read and keep a message; give the mailbox that it is for.

        Raises:
            Objection: it is rejected.
        """
        message = self._read(given)
        line = {
            "submission": str(submission),
            "case": str(case),
            "mailbox": str(message.mailbox_uuid),
            "reference": message.reference,
            "title": message.title,
            "text": message.content,
        }
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(line)}\n")
        return message.mailbox_uuid

    def _read(self, given: Submitted) -> Message:
        data = self._decrypted(given.encrypted_data)
        _check_metadata(self._decrypted(given.encrypted_metadata), data)
        try:
            envelope = Envelope.model_validate_json(data)
            message = Message.model_validate_json(envelope.content)
        except ValidationError:
            raise Objection("schema-violation") from None
        self._check_author(envelope)
        return message

    def _decrypted(self, token: str) -> bytes:
        try:
            read = jwe.decrypt_compact(
                token, self._keys.encryption, algorithms=[WRAPPED, ENCRYPTED]
            )
        except (JoseError, ValueError):
            raise Objection("encryption-issue") from None
        return read.plaintext or b""

    def _check_author(self, envelope: Envelope) -> None:
        if envelope.author_certificate.strip() != self._author.strip():
            raise Objection("author-unknown")
        certificate = x509.load_pem_x509_certificate(envelope.author_certificate.encode())
        key = certificate.public_key()
        assert isinstance(key, RSAPublicKey)
        try:
            key.verify(
                b64decode(envelope.sha512sum), envelope.content.encode(), PKCS1v15(), SHA512()
            )
            token = jwt.decode(envelope.author_token, RSAKey.import_key(key), algorithms=["RS512"])
            jwt.JWTClaimsRegistry(exp={"essential": True}).validate(token.claims)
        except (InvalidSignature, JoseError, ValueError):
            raise Objection("author-unknown") from None


def _check_metadata(metadata: bytes, data: bytes) -> None:
    try:
        document = json.loads(metadata)
        found = document["contentStructure"]["data"]
        told = (document["$schema"], found["submissionSchema"], found["hash"]["type"])
    except (ValueError, KeyError, TypeError):
        raise Objection("syntax-violation") from None
    if told != (METADATA_SCHEMA, MESSAGE_SCHEMA, "sha512"):
        raise Objection("schema-violation")
    if found["hash"]["content"] != sha512(data).hexdigest():
        raise Objection("incorrect-hash")


def messages_in(file: Path) -> list[dict[str, str]]:
    """Read what was taken, in order."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]
