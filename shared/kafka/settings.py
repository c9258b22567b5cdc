"""What every process is told about Kafka by its environment. The password stands in a file."""

import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.kafka.brokers import Brokers, Login, SaslMechanism, SecurityProtocol
from shared.kafka.errors import KafkaSettingsDisagree

_SERVERS = "KAFKA_BOOTSTRAP_SERVERS"
_PROTOCOL, _USER, _PASSWORD = (
    "KAFKA_SECURITY_PROTOCOL",
    "KAFKA_SASL_USERNAME",
    "KAFKA_SASL_PASSWORD_FILE",
)
_CA, _CERTIFICATE, _KEY = (
    "KAFKA_SSL_CA_FILE",
    "KAFKA_SSL_CERTIFICATE_FILE",
    "KAFKA_SSL_KEY_FILE",
)
_SERVER = re.compile(r"(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::(?P<port>[0-9]{1,5}))?")
_LAST_PORT = 65_535


class KafkaSettings(BaseSettings):
    """Where Kafka is and how it is spoken with."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, frozen=True, extra="ignore", validate_by_name=True, title="Settings"
    )

    kafka_bootstrap_servers: str = Field(validation_alias=_SERVERS)
    kafka_security_protocol: SecurityProtocol = Field(
        default=SecurityProtocol.PLAINTEXT, validation_alias=_PROTOCOL
    )
    kafka_sasl_mechanism: SaslMechanism = Field(
        default=SaslMechanism.SCRAM_SHA_512, validation_alias="KAFKA_SASL_MECHANISM"
    )
    kafka_sasl_username: str | None = Field(default=None, validation_alias=_USER)
    kafka_sasl_password_file: Path | None = Field(
        default=None, validation_alias=_PASSWORD, description="Holds the password alone."
    )
    kafka_ssl_ca_file: Path | None = Field(
        default=None,
        validation_alias=_CA,
        description="Who signs the brokers' certificates (PEM); without it the system's list.",
    )
    kafka_ssl_certificate_file: Path | None = Field(
        default=None,
        validation_alias=_CERTIFICATE,
        description="Our own certificate (PEM), where Kafka asks for one.",
    )
    kafka_ssl_key_file: Path | None = Field(
        default=None, validation_alias=_KEY, description="Its private key (PEM)."
    )

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Read another environment than this process's."""
        return cls.model_validate({name: value for name, value in environment.items() if value})

    @property
    def brokers(self) -> Brokers:
        """Where Kafka is, with files read.

        Raises:
            KafkaSettingsDisagree: settings contradict each other, or one of them or a file can't be
                used.
        """
        protocol = self.kafka_security_protocol
        self._refuse_what_is_no_server()
        self._refuse_unused()
        return Brokers(
            self.kafka_bootstrap_servers,
            protocol,
            self._tls() if protocol.encrypts else None,
            self._login() if protocol.asks_who else None,
        )

    def _refuse_what_is_no_server(self) -> None:
        """Never quotes it: what is no address may be a password."""
        if "@" in self.kafka_bootstrap_servers:
            raise KafkaSettingsDisagree(
                _SERVERS, f"there is an @ in it; user and password go into {_USER} and {_PASSWORD}"
            )
        if not all(map(_is_server, self.kafka_bootstrap_servers.split(","))):
            raise KafkaSettingsDisagree(_SERVERS, "write host:port, several separated by commas")

    def _refuse_unused(self) -> None:
        """Refuse to leave out what somebody meant to be used."""
        login = {_USER: self.kafka_sasl_username, _PASSWORD: self.kafka_sasl_password_file}
        tls = {
            _CA: self.kafka_ssl_ca_file,
            _CERTIFICATE: self.kafka_ssl_certificate_file,
            _KEY: self.kafka_ssl_key_file,
        }
        protocol = self.kafka_security_protocol
        unused = ({} if protocol.asks_who else login) | ({} if protocol.encrypts else tls)
        for name, value in unused.items():
            if value is not None:
                raise KafkaSettingsDisagree(name, f"{self._protocol} would not use it")

    def _login(self) -> Login:
        if self.kafka_sasl_username is None:
            raise KafkaSettingsDisagree(_USER, f"{self._protocol} wants a user")
        if self.kafka_sasl_password_file is None:
            raise KafkaSettingsDisagree(_PASSWORD, f"{self._protocol} wants a password")
        try:
            password = self.kafka_sasl_password_file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise KafkaSettingsDisagree(_PASSWORD, _unreadable(error)) from None
        if not password:
            raise KafkaSettingsDisagree(_PASSWORD, "the file is empty")
        return Login(self.kafka_sasl_username, SecretStr(password), self.kafka_sasl_mechanism)

    def _tls(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self.kafka_ssl_ca_file)
        except OSError as error:  # among them SSLError
            raise KafkaSettingsDisagree(_CA, _unreadable(error)) from None
        if self.kafka_ssl_certificate_file is None:
            if self.kafka_ssl_key_file is not None:
                raise KafkaSettingsDisagree(_CERTIFICATE, f"{_KEY} alone proves nothing")
            return context
        try:
            context.load_cert_chain(
                self.kafka_ssl_certificate_file,
                self.kafka_ssl_key_file,
                password=_no_passphrase,
            )
        except OSError as error:
            raise KafkaSettingsDisagree(f"{_CERTIFICATE} or {_KEY}", _unreadable(error)) from None
        return context

    @property
    def _protocol(self) -> str:
        return f"{_PROTOCOL}={self.kafka_security_protocol.value}"


def _is_server(text: str) -> bool:
    found = _SERVER.fullmatch(text.strip())
    return found is not None and 0 < int(found["port"] or _LAST_PORT) <= _LAST_PORT


def _no_passphrase() -> str:
    """Answer OpenSSL, which would ask the terminal for the passphrase of an encrypted key."""
    return ""


def _unreadable(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, ssl.SSLError):
        return f"not usable PEM ({error.reason or 'no certificate in it'})"
    if isinstance(error, UnicodeDecodeError):
        return "the file is not UTF-8 text"
    return f"cannot read the file: {error.strerror}"
