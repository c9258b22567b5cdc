"""A Kafka that asks who one is, encrypts, and lets nobody do what wasn't granted."""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey as PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from deploy.local.folder import Folder
from deploy.local.kafka import Kafka
from deploy.local.ports import HOST, allot
from shared.kafka.brokers import Brokers
from shared.kafka.settings import KafkaSettings

USERS = ("intake", "controlling", "notify", "operator")
ADMIN = "admin"
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"


@dataclass(frozen=True)
class Authority:
    """Who signs certificates."""

    certificate: x509.Certificate
    key: PrivateKey

    @classmethod
    def new(cls) -> "Authority":
        key = generate_private_key(SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        basic = x509.BasicConstraints(ca=True, path_length=None)
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        builder = _builder(name, name, key).add_extension(basic, critical=True)
        return cls(builder.add_extension(usage, critical=True).sign(key, SHA256()), key)

    def write(self, path: Path) -> Path:
        path.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        return path

    def sign(self, folder: Path, common_name: str) -> tuple[Path, Path]:
        """Write a certificate and its key; it is for this machine's address, too."""
        key = generate_private_key(SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))])
        certificate = (
            _builder(name, self.certificate.subject, key)
            .add_extension(here, critical=False)
            .sign(self.key, SHA256())
        )
        pem, secret = folder / f"{common_name}.pem", folder / f"{common_name}.key"
        pem.write_bytes(certificate.public_bytes(Encoding.PEM))
        secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return pem, secret


def _builder(name: x509.Name, issuer: x509.Name, key: PrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(issuer, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )


class SecuredKafka(Kafka):
    """One node with a listener for users and one for certificates, and an authorizer."""

    def __init__(self, folder: Path, ports: Mapping[str, int]) -> None:
        super().__init__(
            Folder(folder),
            port=ports["kafka"],
            controller_port=ports["kafka-controller"],
            inherit=(),
            environment={},
        )
        self.folder = folder
        self.certified_servers = f"{HOST}:{ports['kafka-certified']}"
        self.authority = Authority.new()
        self.ca = self.authority.write(folder / "ca.pem")
        pem, key = self.authority.sign(folder, "broker")
        self._store = folder / "broker-store.pem"
        self._store.write_bytes(key.read_bytes() + pem.read_bytes())
        for user in (*USERS, ADMIN):
            (folder / f"{user}.password").write_text(f"password of {user}\n")

    def environment(self, user: str) -> dict[str, str]:
        """What a process is told to be this user."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SASL_USERNAME": user,
            "KAFKA_SASL_PASSWORD_FILE": str(self.folder / f"{user}.password"),
            "KAFKA_SSL_CA_FILE": str(self.ca),
        }

    def certified(self, user: str) -> dict[str, str]:
        """The same for a user who shows a certificate instead."""
        pem, key = self.authority.sign(self.folder, user)
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.certified_servers,
            "KAFKA_SECURITY_PROTOCOL": "SSL",
            "KAFKA_SSL_CA_FILE": str(self.ca),
            "KAFKA_SSL_CERTIFICATE_FILE": str(pem),
            "KAFKA_SSL_KEY_FILE": str(key),
        }

    def as_user(self, user: str) -> Brokers:
        return KafkaSettings.of(self.environment(user)).brokers

    @property
    def brokers(self) -> Brokers:
        return self.as_user(ADMIN)

    @property
    def _properties(self) -> Mapping[str, str]:
        plain = super()._properties
        ours = f"SASL_SSL://{self.bootstrap_servers},SSL://{self.certified_servers}"
        controller = plain["listeners"].partition(",")[2]
        return {
            **plain,
            "listeners": f"{ours},{controller}",
            "advertised.listeners": ours,
            "listener.security.protocol.map": "SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:PLAINTEXT",
            "security.inter.broker.protocol": "SASL_SSL",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": f"{_SCRAM} required "
            f'username="{ADMIN}" password="password of {ADMIN}";',
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self._store),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.ca),
            "listener.name.ssl.ssl.client.auth": "required",
            "listener.name.ssl.ssl.principal.mapping.rules": "RULE:^CN=([^,]+).*$/$1/",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            # Broker and controller are one process here, and speak over loopback without a name.
            "super.users": f"User:{ADMIN};User:ANONYMOUS",
        }

    @property
    def _users(self) -> Sequence[str]:
        return [
            option
            for user in (*USERS, ADMIN)
            for option in (
                "--add-scram",
                f"SCRAM-SHA-512=[name={user},password=password of {user}]",
            )
        ]


@contextmanager
def secured_kafka(folder: Path) -> Iterator[SecuredKafka]:
    """Start it, and end it."""
    parts = ("kafka", "kafka-controller", "kafka-certified")
    kafka = SecuredKafka(folder, allot(folder / "ports.json", parts, {}))
    kafka.start()
    assert kafka.process is not None
    try:
        kafka.wait_until_ready()
        yield kafka
    finally:
        kafka.process.stop()
