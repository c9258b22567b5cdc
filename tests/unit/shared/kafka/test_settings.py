"""What is said about Kafka contradicts nothing, or the setting that does is told."""

import ast
from pathlib import Path

import pytest
from click.testing import CliRunner
from faststream.kafka.security import parse_security

from shared.configuration.places import ROOT
from shared.kafka.brokers import Brokers, SaslMechanism, SecurityProtocol
from shared.kafka.commands import topics
from shared.kafka.errors import KafkaSettingsDisagree
from shared.kafka.settings import KafkaSettings

SERVERS = {"KAFKA_BOOTSTRAP_SERVERS": "kafka.example:9093"}


def brokers(**settings: object) -> Brokers:
    named = {name: str(value) for name, value in settings.items()}
    return KafkaSettings.of(SERVERS | named).brokers


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text("secret, with = and ,\n")
    return path


def test_without_anything_said_kafka_is_spoken_with_as_before() -> None:
    assert brokers() == Brokers("kafka.example:9093")
    assert brokers(KAFKA_SECURITY_PROTOCOL="", KAFKA_SSL_CA_FILE="") == brokers()


@pytest.mark.parametrize("mechanism", SaslMechanism)
def test_both_libraries_are_told_the_same(password: Path, mechanism: SaslMechanism) -> None:
    found = brokers(
        KAFKA_SECURITY_PROTOCOL="SASL_SSL",
        KAFKA_SASL_MECHANISM=mechanism.value,
        KAFKA_SASL_USERNAME="intake",
        KAFKA_SASL_PASSWORD_FILE=password,
    )
    assert parse_security(found.security) == found.identity
    assert found.identity["sasl_plain_password"] == "secret, with = and ,"
    assert found.who == "user intake"


def test_encryption_alone_is_told_to_both_too() -> None:
    found = brokers(KAFKA_SECURITY_PROTOCOL="SSL")
    assert parse_security(found.security) == found.identity
    assert found.protocol is SecurityProtocol.SSL


def test_a_password_stands_in_no_text(password: Path) -> None:
    found = brokers(
        KAFKA_SECURITY_PROTOCOL="SASL_PLAINTEXT",
        KAFKA_SASL_USERNAME="intake",
        KAFKA_SASL_PASSWORD_FILE=password,
    )
    assert "secret" not in f"{found} {found!r}"


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"KAFKA_SASL_USERNAME": "intake"}, "KAFKA_SASL_USERNAME"),
        ({"KAFKA_SASL_PASSWORD_FILE": "x"}, "KAFKA_SASL_PASSWORD_FILE"),
        ({"KAFKA_SSL_CA_FILE": "x"}, "KAFKA_SSL_CA_FILE"),
        ({"KAFKA_SSL_CERTIFICATE_FILE": "x"}, "KAFKA_SSL_CERTIFICATE_FILE"),
        ({"KAFKA_SSL_KEY_FILE": "x"}, "KAFKA_SSL_KEY_FILE"),
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "KAFKA_SASL_USERNAME"),
        (
            {"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SASL_USERNAME": "intake"},
            "KAFKA_SASL_PASSWORD_FILE",
        ),
        (
            {
                "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
                "KAFKA_SASL_USERNAME": "intake",
                "KAFKA_SASL_PASSWORD_FILE": "/nowhere",
            },
            "KAFKA_SASL_PASSWORD_FILE",
        ),
        (
            {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CA_FILE": "/nowhere"},
            "KAFKA_SSL_CA_FILE",
        ),
        ({"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CA_FILE": __file__}, "KAFKA_SSL_CA_FILE"),
        (
            {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_KEY_FILE": "x"},
            "KAFKA_SSL_CERTIFICATE_FILE",
        ),
        (
            {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CERTIFICATE_FILE": __file__},
            "KAFKA_SSL_CERTIFICATE_FILE",
        ),
    ],
)
def test_a_contradiction_is_told_by_the_name_of_its_setting(
    settings: dict[str, str], named: str
) -> None:
    with pytest.raises(KafkaSettingsDisagree, match=f"^{named}"):
        brokers(**settings)


@pytest.mark.parametrize(
    "servers",
    [
        *("user:geheim@kafka.example:9092", "kafka.example:9092,geheim@other:9092"),
        *("SASL_SSL://geheim:9092", "geheim:port", "geheim:0", "geheim:65536", "kafka.example,"),
        *("kafka.example:9092 geheim", "geheim:9092/", ","),
    ],
)
def test_what_is_no_server_is_refused_and_never_quoted(servers: str) -> None:
    with pytest.raises(KafkaSettingsDisagree, match=r"^KAFKA_BOOTSTRAP_SERVERS") as refusal:
        brokers(KAFKA_BOOTSTRAP_SERVERS=servers)
    assert "geheim" not in str(refusal.value)


@pytest.mark.parametrize(
    "servers",
    ["kafka", "kafka_1:9092", "127.0.0.1:9092, kafka-2.example:19092", "[::1]:9092,[fe80::2]"],
)
def test_servers_are_named_with_or_without_their_port(servers: str) -> None:
    assert brokers(KAFKA_BOOTSTRAP_SERVERS=servers).servers == servers


def test_a_command_that_is_told_of_a_password_does_not_show_it() -> None:
    asked = CliRunner().invoke(topics, ["check", "--bootstrap-servers", "user:geheim@127.0.0.1:1"])
    assert isinstance(asked.exception, KafkaSettingsDisagree)
    assert "KAFKA_SASL_PASSWORD_FILE" in str(asked.exception)
    assert "geheim" not in f"{asked.exception}{asked.output}"


def test_an_empty_password_is_none(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(KafkaSettingsDisagree, match="empty"):
        brokers(
            KAFKA_SECURITY_PROTOCOL="SASL_PLAINTEXT",
            KAFKA_SASL_USERNAME="intake",
            KAFKA_SASL_PASSWORD_FILE=tmp_path / "empty",
        )


CLIENTS = {"AIOKafkaConsumer", "AIOKafkaProducer", "AIOKafkaAdminClient", "KafkaBroker"}


def test_no_client_of_the_product_is_made_with_other_arguments() -> None:
    made = [
        (path.relative_to(ROOT), call.lineno, ast.unparse(call))
        for folder in ("shared", "services", "deploy")
        for path in (ROOT / folder).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        if call.func.id in CLIENTS
    ]
    assert len(made) >= len(CLIENTS)
    for place in made:
        assert "brokers.arguments" in place[2] or "security=brokers.security" in place[2], place
