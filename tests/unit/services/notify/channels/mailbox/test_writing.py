import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA512
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from deploy.secrets.files import create_missing
from services.notify.channels.mailbox.fit_connect_keys import FitConnectKeys
from services.notify.channels.mailbox.writing import MailboxMessage
from shared.security.secrets import SecretMalformed, SecretName, SecretStore

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
IDENTITY = UUID("20eac312-5fba-44d8-a3e5-1f658e55434f")
MESSAGE = MailboxMessage(
    identity=IDENTITY,
    tried=False,
    recipient="e0e02494-eca2-4a6b-9320-fc527747878c",
    title="Ihr Antrag ist bei uns",
    text="Guten Tag Şahika,\nwir haben Ihren Antrag.",
    sender="Amt",
    sender_url="https://example.org",
)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The secret as the local stack makes it."""
    folder: Path = tmp_path_factory.mktemp("secrets")
    create_missing(folder)
    found: dict[str, Any] = json.loads(
        SecretStore(folder).text(SecretName.FIT_CONNECT).get_secret_value()
    )
    return found


def keys(document: dict[str, Any]) -> FitConnectKeys:
    return FitConnectKeys.parse(SecretStr(json.dumps(document)))


def test_a_message_is_written_as_the_portal_takes_it() -> None:
    assert json.loads(MESSAGE.content) == {
        "stork_qaa_level": 1,
        "mailboxUuid": "e0e02494-eca2-4a6b-9320-fc527747878c",
        "sender": "Amt",
        "title": "Ihr Antrag ist bei uns",
        "content": "Guten Tag Şahika,\nwir haben Ihren Antrag.",
        "service": "Amt",
        "reference": str(IDENTITY),
        "senderUrl": "https://example.org",
    }


def test_an_earlier_try_changes_nothing_of_its_bytes() -> None:
    again = MailboxMessage(
        **{name: getattr(MESSAGE, name) for name in MESSAGE.__slots__ if name != "tried"},
        tried=True,
    )

    assert again.content == MESSAGE.content


def test_an_envelope_says_who_signed_the_very_message(document: dict[str, Any]) -> None:
    envelope = json.loads(keys(document).author().envelope(MESSAGE.content, NOW))

    assert envelope["content"].encode() == MESSAGE.content
    key = x509.load_pem_x509_certificate(envelope["authorCertificate"].encode()).public_key()
    assert isinstance(key, RSAPublicKey)
    key.verify(b64decode(envelope["sha512sum"]), MESSAGE.content, PKCS1v15(), SHA512())
    token = jwt.decode(envelope["authorToken"], RSAKey.import_key(key), algorithms=["RS512"])
    assert token.claims == {
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=30)).timestamp()),
        "signer": "gleichfall",
        "roles": ["THIRD_PARTY"],
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"client_secret": "short"}, "client_secret"),
        ({"surplus": 1}, "surplus"),
        ({"author_key": "no key"}, "no PEM"),
        ({"author_certificate": "none"}, "no PEM"),
    ],
)
def test_secrets_that_cannot_be_used_are_refused_and_not_quoted(
    document: dict[str, Any], change: dict[str, object], reason: str
) -> None:
    with pytest.raises(SecretMalformed, match=reason) as refused:
        keys(document | change).author()

    assert document["client_secret"] not in str(refused.value)
    assert "no key" not in str(refused.value)


def test_a_key_of_somebody_else_is_refused(document: dict[str, Any], tmp_path: Path) -> None:
    create_missing(tmp_path / "other")
    other = json.loads(
        SecretStore(tmp_path / "other").text(SecretName.FIT_CONNECT).get_secret_value()
    )

    with pytest.raises(SecretMalformed, match="is not the RSA key"):
        keys(document | {"author_key": other["author_key"]}).author()
