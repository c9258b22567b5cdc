from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretBytes

from services.notify.channels.email.calendar_file import CalendarFile
from services.notify.channels.email.dkim import DkimSigner, Signing, signers
from services.notify.channels.email.errors import DkimKeyInvalid, DkimSelectorInvalid
from services.notify.channels.email.writing import Mail, compose
from services.notify.messages.description import Method
from services.notify.messages.materials import Sender
from services.notify.messages.rendering import Rendered
from shared.security import key_ring
from shared.security.key_ring import read_keys
from shared.security.secrets import SecretName, SecretStore

Key = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def pem(key: Key) -> SecretBytes:
    return SecretBytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


NAME = SecretName.DKIM_RSA_PEM
KEY = rsa.generate_private_key(65537, 2048)
SIGNER = DkimSigner.of("march", "example.org", pem(KEY))
MAIL = compose(
    Rendered("ar", "موعدك", "مرحبًا\n\nمتى: غدًا  \n", "<p>مرحبًا</p>\n"),
    identity=UUID("20eac312-5fba-44d8-a3e5-1f658e55434f"),
    sender=Sender("Ausländerbehörde", "abh@example.org"),
    recipient="anna@example.org",
    dated=datetime(2026, 3, 2, tzinfo=UTC),
    calendar=CalendarFile(Method.REQUEST, b"BEGIN:VCALENDAR\r\n" * 20),
)


def published(record: str) -> Callable[..., bytes]:
    """Answers as the DNS would, with the record that the operator was told to publish."""
    name, _, text = record.partition(" TXT ")

    def look_up(asked: bytes, timeout: float = 5) -> bytes:
        assert asked.decode() == name
        return text.strip('"').encode()

    return look_up


def is_valid(mail: Mail) -> bool:
    return bool(dkim.verify(mail.content, dnsfunc=published(SIGNER.record)))


def test_whoever_has_the_record_can_check_a_mail() -> None:
    signed = SIGNER.sign(MAIL)

    assert signed.content.endswith(MAIL.content)
    assert is_valid(signed)
    assert not is_valid(MAIL)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"abh@example.org", b"evil@example.org"),
        (b"To: anna@", b"To: berta@"),
        (b"VkNBTEVOREFS", b"VkNBTEVOREFT"),
        (b"text/html", b"text/evil"),
    ],
)
def test_a_mail_that_was_changed_on_the_way_is_found(before: bytes, after: bytes) -> None:
    signed = SIGNER.sign(MAIL)
    head, body = signed.content[: -len(MAIL.content)], MAIL.content
    assert before in body

    assert not is_valid(replace(signed, content=head + body.replace(before, after)))


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (pem(ed25519.Ed25519PrivateKey.generate()), "no RSA key"),
        (pem(rsa.generate_private_key(65537, 1024)), "shorter than 2048"),
        (SecretBytes(b"geheim"), "no unencrypted private key"),
    ],
    ids=["ed25519", "short", "none"],
)
def test_a_key_that_receivers_distrust_stops_the_start(key: SecretBytes, reason: str) -> None:
    with pytest.raises(DkimKeyInvalid, match=reason) as refusal:
        DkimSigner.of("march", "example.org", key)
    assert "geheim" not in str(refusal.value)


@pytest.mark.parametrize("selector", ["a b;c", "", "-a", "a..b", "ü", "a_b", 64 * "a"])
def test_a_selector_that_no_dns_takes_is_refused(selector: str) -> None:
    with pytest.raises(DkimSelectorInvalid, match="can't stand in the DNS"):
        DkimSigner.of(selector, "example.org", pem(KEY))


def named(selector: str) -> bytes:
    return f"{selector}\n".encode() + pem(KEY).get_secret_value().rstrip()


@pytest.fixture
def secrets(tmp_path: Path) -> SecretStore:
    """A folder whose key has no name of its own."""
    (tmp_path / NAME).write_bytes(pem(KEY).get_secret_value())
    return SecretStore(tmp_path)


def selector_of(mail: Mail) -> str:
    return mail.content.split(b" s=")[1].split(b";")[0].decode()


def test_a_key_signs_under_its_own_name_as_soon_as_it_is_the_first(
    secrets: SecretStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_ring, "LOOK", timedelta())
    signing = Signing(secrets, "march", "example.org")
    assert selector_of(signing.sign(MAIL)) == "march"

    keys = read_keys(secrets, NAME).with_next(named("key-1"))
    (secrets.directory / NAME).write_text(keys.text)
    assert selector_of(signing.sign(MAIL)) == "march"
    (secrets.directory / NAME).write_text(keys.exchanged().text)
    assert selector_of(signing.sign(MAIL)) == "key-1"


@pytest.mark.parametrize("broken", ["", "key-2\nbroken", "not a selector\n-----BEGIN"])
def test_mails_go_on_leaving_while_what_stands_in_the_file_is_no_key(
    secrets: SecretStore, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    monkeypatch.setattr(key_ring, "LOOK", timedelta())
    signing = Signing(secrets, "march", "example.org")
    (secrets.directory / NAME).write_text(broken)
    assert is_valid(signing.sign(MAIL))


def test_the_records_of_all_keys_with_a_name_are_told(secrets: SecretStore) -> None:
    keys = read_keys(secrets, NAME).with_next(named("key-1"))
    (secrets.directory / NAME).write_text(keys.text)
    assert [one.selector for one in signers(secrets, "march", "a.de")] == ["march", "key-1"]
    assert [one.selector for one in signers(secrets, None, "a.de")] == ["key-1"]


def test_a_key_that_nobody_has_named_is_asked_for_its_name(secrets: SecretStore) -> None:
    with pytest.raises(DkimKeyInvalid, match="selector"):
        signers(secrets, None, "example.org")
