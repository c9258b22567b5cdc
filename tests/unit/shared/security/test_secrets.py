from pathlib import Path

import pytest

from shared.security.secrets import SecretMalformed, SecretMissing, SecretName, SecretStore


@pytest.fixture
def store(tmp_path: Path) -> SecretStore:
    return SecretStore(tmp_path)


def test_a_password_is_read_without_its_line_break(store: SecretStore) -> None:
    (store.directory / "client_token").write_text("open sesame\n")

    assert store.text(SecretName.CLIENT_TOKEN).get_secret_value() == "open sesame"


def test_a_key_is_read_as_32_bytes(store: SecretStore) -> None:
    (store.directory / "pseudonym_key").write_text("ab" * 32 + "\n")

    assert store.key(SecretName.PSEUDONYM_KEY).get_secret_value() == b"\xab" * 32


def test_a_secret_is_not_printed(store: SecretStore) -> None:
    (store.directory / "pseudonym_key").write_text("ab" * 32)

    shown = repr(store.key(SecretName.PSEUDONYM_KEY)) + str(store.text(SecretName.PSEUDONYM_KEY))

    assert "ab" * 8 not in shown
    assert "\\xab" not in shown


def test_a_missing_secret_names_its_file_and_the_command_that_makes_it(store: SecretStore) -> None:
    with pytest.raises(SecretMissing) as refusal:
        store.text(SecretName.CLIENT_TOKEN)

    assert str(store.directory / "client_token") in str(refusal.value)
    assert f"gleichfall secrets create {store.directory}" in str(refusal.value)


@pytest.mark.parametrize("content", ["ab" * 31, "ab" * 33, "xy" * 32, "open sesame"])
def test_a_malformed_key_names_its_file_but_not_its_content(
    store: SecretStore, content: str
) -> None:
    (store.directory / "pseudonym_key").write_text(content)

    with pytest.raises(SecretMalformed) as refusal:
        store.key(SecretName.PSEUDONYM_KEY)

    assert str(store.directory / "pseudonym_key") in str(refusal.value)
    assert content not in str(refusal.value)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_an_empty_or_binary_file_is_not_a_secret(store: SecretStore, content: bytes) -> None:
    (store.directory / "client_token").write_bytes(content)

    with pytest.raises(SecretMalformed):
        store.text(SecretName.CLIENT_TOKEN)


def test_the_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLEICHFALL_SECRETS_DIR", str(tmp_path))

    assert SecretStore.from_environment() == SecretStore(tmp_path)


def test_without_a_folder_there_is_no_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GLEICHFALL_SECRETS_DIR", raising=False)

    with pytest.raises(SecretMissing, match="GLEICHFALL_SECRETS_DIR is not set"):
        SecretStore.from_environment()
