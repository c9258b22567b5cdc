"""Signs mails, so that receiving servers know who answers for them (DKIM, RFC 6376).

Optional: most mail servers sign what passes through them. It takes about 6 ms of the processor for
each mail, with RSA, because not every receiver reads Ed25519 (RFC 8463).

The key may be exchanged while mails leave: its record must stand in the DNS first, and stays there
until what it has signed has arrived (RFC 6376, 3.6.2.2). So each key has a name, its selector.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
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

from services.notify.channels.email.errors import DkimKeyInvalid, DkimSelectorInvalid
from services.notify.channels.email.writing import Mail
from shared.security.key_ring import KeyRing, read_keys
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
    def read(cls, written: bytes, unnamed: str | None, domain: str) -> Self:
        """Read a key as the file has it: a private key in PEM, with its selector in a line before.

        Args:
            written: What stands there.
            unnamed: The selector of a key that has none there.
            domain: For which it signs.

        Raises:
            DkimKeyInvalid, DkimSelectorInvalid: It can't be used.
        """
        name, begin, rest = written.partition(b"-----BEGIN")
        selector = name.decode().strip() or unnamed
        if selector is None:
            raise DkimKeyInvalid("doesn't say its selector")
        return cls.of(selector, domain, SecretBytes(begin + rest))

    def sign(self, mail: Mail) -> Mail:
        """Put a signature in front of a mail."""
        signature: bytes = dkim.sign(
            mail.content,
            self.selector.encode("ascii"),
            self.domain.encode("idna"),
            self.key.get_secret_value(),
        )
        return replace(mail, content=signature + mail.content)


class Signing:
    """Signs with the key that its file names first, also when that changes.

    Args:
        secrets: Where the file is.
        unnamed: The selector of a key that has none there.
        domain: For which it signs.

    Raises:
        SecretMissing, SecretMalformed, DkimKeyInvalid, DkimSelectorInvalid: It can't be used.
    """

    def __init__(self, secrets: SecretStore, unnamed: str, domain: str) -> None:
        self._ring = KeyRing(secrets, SecretName.DKIM_RSA_PEM)
        self._unnamed, self._domain = unnamed, domain
        self._written = self._ring.current
        self._signer = DkimSigner.read(self._written, unnamed, domain)

    def sign(self, mail: Mail) -> Mail:
        """Put a signature in front of a mail."""
        if (written := self._ring.current) != self._written:
            self._written = written
            # A key put there by hand that is none: the next start refuses it, mails go on leaving.
            with suppress(DkimKeyInvalid, DkimSelectorInvalid):
                self._signer = DkimSigner.read(written, self._unnamed, self._domain)
        return self._signer.sign(mail)


def signers(secrets: SecretStore, unnamed: str | None, domain: str) -> Sequence[DkimSigner]:
    """Give all keys of the file, the one that signs first; without `unnamed`, those with a name.

    Raises:
        SecretMissing, SecretMalformed, DkimKeyInvalid, DkimSelectorInvalid: They can't be used.
    """
    every = read_keys(secrets, SecretName.DKIM_RSA_PEM).every
    named = [one for one in every if unnamed or not one.startswith(b"-----BEGIN")]
    return [DkimSigner.read(one, unnamed, domain) for one in named or every]
