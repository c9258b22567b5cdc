"""Signs mails, so that receiving servers know who answers for them (DKIM, RFC 6376).

Optional: most mail servers sign what passes through them. It takes about 6 ms of the processor for
each mail, with RSA, because not every receiver reads Ed25519 (RFC 8463).
"""

import re
from base64 import b64encode
from dataclasses import dataclass, replace
from typing import Self

import dkim
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from pydantic import SecretBytes

from services.notify.channels.email.writing import Mail
from services.notify.errors import DkimKeyInvalid, DkimSelectorInvalid
from shared.security.secrets import SecretName, SecretStore

SHORTEST = 2048
"""Bits; receivers distrust shorter keys (RFC 8301)."""
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_SELECTOR = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{0,3}}")


@dataclass(frozen=True, slots=True)
class DkimSigner:
    """Signs for a domain.

    Attributes:
        selector: Names the key among those of the domain.
        domain: The part of the address in From behind the @.
        key: The private key, as its library reads it.
        record: What must stand in the DNS so that anybody can check signatures.
    """

    selector: str
    domain: str
    key: SecretBytes
    record: str

    @classmethod
    def of(cls, selector: str, domain: str, pem: SecretBytes) -> Self:
        """Read a private key in PEM.

        Raises:
            DkimKeyInvalid: It is none, is for something else than RSA, or is too short.
            DkimSelectorInvalid: The selector can't stand in the DNS.
        """
        if not _SELECTOR.fullmatch(selector):
            raise DkimSelectorInvalid(selector)
        try:
            key = load_pem_private_key(pem.get_secret_value(), password=None)
        except (ValueError, TypeError):
            raise DkimKeyInvalid("is no unencrypted private key in PEM") from None
        if not isinstance(key, RSAPrivateKey):
            raise DkimKeyInvalid("is no RSA key")
        if key.key_size < SHORTEST:
            raise DkimKeyInvalid(f"is shorter than {SHORTEST} bits")
        plain = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        record = (
            f'{selector}._domainkey.{domain}. TXT "v=DKIM1; k=rsa; p={b64encode(public).decode()}"'
        )
        return cls(selector, domain, SecretBytes(plain), record)

    @classmethod
    def from_secrets(cls, selector: str, domain: str, secrets: SecretStore) -> Self:
        """Read the private key of a folder of secrets.

        Raises:
            SecretMissing, DkimKeyInvalid, DkimSelectorInvalid: It can't be used.
        """
        pem = secrets.text(SecretName.DKIM_RSA_PEM).get_secret_value().encode()
        return cls.of(selector, domain, SecretBytes(pem))

    def sign(self, mail: Mail) -> Mail:
        """Put a signature in front of a mail."""
        signature: bytes = dkim.sign(
            mail.content,
            self.selector.encode("ascii"),
            self.domain.encode("idna"),
            self.key.get_secret_value(),
        )
        return replace(mail, content=signature + mail.content)
