"""Who signs messages to mailboxes: the portal takes only those of an author that it knows.

A message travels in an envelope with its signature, and with a short-lived token and a certificate
of the author's (docs.fitko.de/fit-connect, ZBP).
"""

import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import RSAKey

from shared.security.secrets import SecretMalformed

_VALID_FOR = timedelta(minutes=30)
_ROLES = ("THIRD_PARTY",)
_ALGORITHM = "RS512"


@dataclass(frozen=True, slots=True)
class MailboxAuthor:
    """The author's key and certificate."""

    _key: RSAPrivateKey
    _certificate: x509.Certificate

    @classmethod
    def parse(cls, key: str, certificate: str) -> Self:
        """Read both from PEM.

        Raises:
            SecretMalformed: One is something else, they don't belong together, or nobody is named.
        """
        try:
            private = load_pem_private_key(key.encode(), password=None)
            read = x509.load_pem_x509_certificate(certificate.encode())
        except (ValueError, TypeError):
            raise SecretMalformed("the secret fit_connect holds no PEM of an author") from None
        if not isinstance(private, RSAPrivateKey) or private.public_key() != read.public_key():
            raise SecretMalformed(
                "in the secret fit_connect, author_key is not the RSA key of author_certificate"
            )
        if not read.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
            raise SecretMalformed("the author_certificate in the secret fit_connect names nobody")
        return cls(private, read)

    def envelope(self, content: bytes, now: datetime) -> bytes:
        """Sign a message; `now` is when its token begins to be valid, for half an hour."""
        envelope = {
            "content": content.decode(),
            "sha512sum": b64encode(self._key.sign(content, PKCS1v15(), SHA512())).decode(),
            "authorToken": self._token(now),
            "authorCertificate": self._certificate.public_bytes(Encoding.PEM).decode(),
        }
        return json.dumps(envelope, ensure_ascii=False).encode()

    def _token(self, now: datetime) -> str:
        [name] = self._certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[:1]
        claims = {"iat": now, "exp": now + _VALID_FOR, "signer": name.value, "roles": _ROLES}
        key = RSAKey.import_key(self._key)
        return jwt.encode({"alg": _ALGORITHM, "typ": "JWT"}, claims, key, algorithms=[_ALGORITHM])
