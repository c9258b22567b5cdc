from pathlib import Path

import pytest

from deploy.secrets.files import HalfASealingPair, SecretsNotWritable, create_missing
from services.intake.systems import load_systems
from shared.configuration.places import SYSTEMS
from shared.security.identity import SourceTokens
from shared.security.sealing import seal, unseal
from shared.security.secrets import SecretName, SecretStore

KEYS = [name for name in SecretName if name.endswith("_key")]


@pytest.fixture
def store(tmp_path: Path) -> SecretStore:
    return SecretStore(tmp_path / "secrets")


def test_every_secret_of_the_system_is_made(store: SecretStore) -> None:
    assert sorted(create_missing(store.directory)) == sorted(SecretName)

    for name in SecretName:
        assert store.text(name).get_secret_value()


def test_every_key_can_be_read_and_no_two_are_alike(store: SecretStore) -> None:
    create_missing(store.directory)

    assert len({store.key(name).get_secret_value() for name in KEYS}) == len(KEYS)


def test_only_the_owner_can_read_them(store: SecretStore) -> None:
    store.directory.mkdir(mode=0o755)

    create_missing(store.directory)

    assert store.directory.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in store.directory.iterdir()} == {0o600}


def test_a_folder_that_holds_other_things_stays_as_open_as_it_is(store: SecretStore) -> None:
    store.directory.mkdir(mode=0o755)
    (store.directory / "notes.txt").write_text("")

    create_missing(store.directory)

    assert store.directory.stat().st_mode & 0o777 == 0o755
    assert (store.directory / "client_token").stat().st_mode & 0o777 == 0o600


def test_a_second_run_changes_nothing(store: SecretStore) -> None:
    create_missing(store.directory)
    before = {path.name: path.read_bytes() for path in store.directory.iterdir()}

    assert create_missing(store.directory) == []
    assert {path.name: path.read_bytes() for path in store.directory.iterdir()} == before


def test_only_what_is_missing_is_made(store: SecretStore) -> None:
    create_missing(store.directory)
    (store.directory / "handover_token").unlink()

    assert create_missing(store.directory) == ["handover_token"]


def test_the_sealing_keys_fit(store: SecretStore) -> None:
    create_missing(store.directory)
    public = store.key(SecretName.CONTACT_SEALING_PUBLIC_KEY).get_secret_value()
    private = store.key(SecretName.CONTACT_SEALING_PRIVATE_KEY).get_secret_value()

    assert unseal(private, seal(public, b"anna@example.org", b""), b"") == b"anna@example.org"


@pytest.mark.parametrize("lost", ["contact_sealing_public_key", "contact_sealing_private_key"])
def test_half_a_sealing_pair_is_never_completed_with_a_key_that_does_not_fit(
    store: SecretStore, lost: str
) -> None:
    create_missing(store.directory)
    (store.directory / lost).unlink()

    with pytest.raises(HalfASealingPair, match="from your backup"):
        create_missing(store.directory)


def test_intake_knows_the_command_line_by_its_token(store: SecretStore) -> None:
    create_missing(store.directory)
    tokens = SourceTokens.parse(store.text(SecretName.SOURCE_TOKENS), load_systems(SYSTEMS))

    client = tokens.authenticate(store.text(SecretName.CLIENT_TOKEN).get_secret_value())

    assert client is not None
    assert client.allows("urn:gleichfall:simulator")
    assert not client.allows("urn:advis:karlsruhe")


def test_a_token_that_the_operator_chose_is_the_one_that_counts(store: SecretStore) -> None:
    store.directory.mkdir()
    (store.directory / "client_token").write_text("open sesame\n")

    create_missing(store.directory)

    tokens = SourceTokens.parse(store.text(SecretName.SOURCE_TOKENS), load_systems(SYSTEMS))
    assert tokens.authenticate("open sesame") is not None


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("")

    with pytest.raises(SecretsNotWritable, match=str(tmp_path / "secrets")):
        create_missing(tmp_path / "secrets")
