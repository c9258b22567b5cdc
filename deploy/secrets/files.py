"""Makes the secrets of an installation, once."""

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from shared.errors import PermanentError
from shared.security.sealing import new_sealing_pair
from shared.security.secrets import KEY_BYTES, SecretName

CLIENT = "gleichfall"

SIMULATED_GATEWAYS = ("alpha", "beta")
"""The SMS gateways of the local stack; an installation has the names of its own."""

_PASSWORDS = (
    SecretName.OWNER_DATABASE_PASSWORD,
    SecretName.INTAKE_DATABASE_PASSWORD,
    SecretName.CONTROLLING_DATABASE_PASSWORD,
    SecretName.NOTIFY_DATABASE_PASSWORD,
    SecretName.WORKBENCH_DATABASE_PASSWORD,
    SecretName.DESK_DATABASE_PASSWORD,
    SecretName.CLIENT_TOKEN,
    SecretName.HANDOVER_TOKEN,
)
_KEYS = (
    SecretName.PSEUDONYM_KEY,
    SecretName.SEED_ENCRYPTION_KEY,
    SecretName.DRAW_SIGNING_KEY,
    SecretName.CONTACT_MASTER_KEY,
    SecretName.MAIL_REPORT_KEY,
)
_RSA_BITS = 2048
_CERTIFIED_FOR = timedelta(days=3650)


class HalfASealingPair(PermanentError):
    """One of the two sealing keys is there without the other."""


class SecretsNotWritable(PermanentError):
    """The folder of the secrets can't be made or written."""


def create_missing(directory: Path) -> list[str]:
    """Make every secret that isn't in `directory` yet; nothing is ever overwritten.

    Every file gets mode 0600, and the folder 0700 unless it holds other things too.

    Returns:
        The names of the secrets that were made.

    Raises:
        HalfASealingPair: Only one of the sealing keys is there; a new one wouldn't fit to it.
        SecretsNotWritable: The folder can't be made or written.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if {path.name for path in directory.iterdir()} <= set(SecretName):
            directory.chmod(0o700)
        return [name.value for name, text in _missing(directory) if _write(directory / name, text)]
    except OSError as error:
        raise SecretsNotWritable(
            f"cannot write secrets to {error.filename or directory}: {error.strerror}; "
            "choose a folder that belongs to you"
        ) from error


def _missing(directory: Path) -> Iterator[tuple[SecretName, str]]:
    for name in _PASSWORDS:
        yield name, secrets.token_urlsafe(KEY_BYTES)
    for name in _KEYS:
        yield name, secrets.token_hex(KEY_BYTES)
    yield from _sealing_pair(directory)
    if not (directory / SecretName.DKIM_RSA_PEM).exists():  # making one takes a while
        yield SecretName.DKIM_RSA_PEM, rsa_pem()
    yield SecretName.SMS_GATEWAYS, _gateway_keys()
    if not (directory / SecretName.FIT_CONNECT).exists():
        yield SecretName.FIT_CONNECT, _fit_connect_keys()
    client_token = (directory / SecretName.CLIENT_TOKEN).read_text(encoding="utf-8").strip()
    yield SecretName.SOURCE_TOKENS, _source_tokens(client_token)


def _sealing_pair(directory: Path) -> Iterator[tuple[SecretName, str]]:
    names = (SecretName.CONTACT_SEALING_PUBLIC_KEY, SecretName.CONTACT_SEALING_PRIVATE_KEY)
    there = [name for name in names if (directory / name).exists()]
    if len(there) == 1:
        raise HalfASealingPair(
            f"{directory} has {there[0].value} without the other sealing key; put that one back "
            "from your backup, or remove this one to get a new pair"
        )
    if not there:
        yield from zip(names, (key.hex() for key in new_sealing_pair()), strict=True)


def rsa_pem() -> str:
    """Make a private key that signs mails, in PEM."""
    return _pem(generate_private_key(public_exponent=65537, key_size=_RSA_BITS))


def _pem(key: RSAPrivateKey) -> str:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode("ascii").rstrip()


def _source_tokens(client_token: str) -> str:
    digest = sha256(client_token.encode()).hexdigest()
    entries = {CLIENT: {"token_sha256": digest}}
    return json.dumps(entries, indent=2)


def _gateway_keys() -> str:
    keys = {
        name: {
            "token": secrets.token_urlsafe(KEY_BYTES),
            "report_key": secrets.token_hex(KEY_BYTES),
        }
        for name in SIMULATED_GATEWAYS
    }
    return json.dumps(keys, indent=2)


def _fit_connect_keys() -> str:
    """Make those of the local stack: a real portal gives a client, and a PKI the certificate."""
    key = generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, CLIENT)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + _CERTIFIED_FOR)
        .sign(key, SHA512())
    )
    keys = {
        "client_id": CLIENT,
        "client_secret": secrets.token_urlsafe(KEY_BYTES),
        "author_key": _pem(key),
        "author_certificate": certificate.public_bytes(Encoding.PEM).decode("ascii").rstrip(),
    }
    return json.dumps(keys, indent=2)


def _write(path: Path, text: str) -> bool:
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        return False
    path.write_text(f"{text}\n", encoding="utf-8")
    return True
