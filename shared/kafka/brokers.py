"""Where Kafka is, and how we show who we are: the one place that makes a client's arguments."""

from dataclasses import dataclass
from enum import StrEnum
from ssl import SSLContext
from typing import Any

from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512
from pydantic import SecretStr


class SecurityProtocol(StrEnum):
    """How a listener of Kafka is spoken with, by Kafka's own names."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"

    @property
    def encrypts(self) -> bool:
        """Whether it is TLS."""
        return self.value.endswith("SSL")

    @property
    def asks_who(self) -> bool:
        """Whether it wants a user and a password."""
        return self.value.startswith("SASL")


class SaslMechanism(StrEnum):
    """How a password is proved, by Kafka's own names."""

    SCRAM_SHA_512 = "SCRAM-SHA-512"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    PLAIN = "PLAIN"


_FASTSTREAM = {
    SaslMechanism.SCRAM_SHA_512: SASLScram512,
    SaslMechanism.SCRAM_SHA_256: SASLScram256,
    SaslMechanism.PLAIN: SASLPlaintext,
}


@dataclass(frozen=True, slots=True)
class Login:
    """A user of Kafka's own."""

    user: str
    password: SecretStr
    mechanism: SaslMechanism = SaslMechanism.SCRAM_SHA_512


@dataclass(frozen=True, slots=True)
class Brokers:
    """Where Kafka is, and who we are there.

    Attributes:
        servers: `host:port`, several separated by commas.
        protocol: How their listener is spoken with.
        tls: Whom we believe and, where Kafka asks for it, our certificate.
        login: Our user, where the protocol asks for one.
    """

    servers: str
    protocol: SecurityProtocol = SecurityProtocol.PLAINTEXT
    tls: SSLContext | None = None
    login: Login | None = None

    @property
    def who(self) -> str:
        """What people call us there."""
        if self.login is not None:
            return f"user {self.login.user}"
        return "our certificate" if self.protocol.encrypts else "an anonymous client"

    @property
    def identity(self) -> dict[str, Any]:
        """How any connection of aiokafka's is secured."""
        found: dict[str, Any] = {
            "security_protocol": self.protocol.value,
            "ssl_context": self.tls,
        }
        if self.login is not None:
            found |= {
                "sasl_mechanism": self.login.mechanism.value,
                "sasl_plain_username": self.login.user,
                "sasl_plain_password": self.login.password.get_secret_value(),
            }
        return found

    @property
    def arguments(self) -> dict[str, Any]:
        """What every client of aiokafka's is made with."""
        return {"bootstrap_servers": self.servers, **self.identity}

    @property
    def security(self) -> BaseSecurity:
        """The same for FastStream."""
        encrypts = self.protocol.encrypts
        if self.login is None:
            return BaseSecurity(ssl_context=self.tls, use_ssl=encrypts)
        return _FASTSTREAM[self.login.mechanism](
            username=self.login.user,
            password=self.login.password.get_secret_value(),
            ssl_context=self.tls,
            use_ssl=encrypts,
        )
