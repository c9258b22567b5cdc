from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.secrets.commands import secrets
from tests.administered import administered


def test_create_names_what_it_made_and_nothing_else(tmp_path: Path) -> None:
    result = CliRunner().invoke(secrets, ["create", str(tmp_path)])

    assert result.exit_code == 0
    assert f"created {tmp_path / 'pseudonym_key'}" in result.output
    assert (tmp_path / "client_token").read_text().strip() not in result.output


def test_what_was_made_stands_in_the_security_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLEICHFALL_SECURITY_LOG", str(tmp_path / "security.log"))
    made = CliRunner().invoke(secrets, ["create", str(tmp_path / "secrets")]).output
    CliRunner().invoke(secrets, ["create", str(tmp_path / "secrets")])

    acts = administered(tmp_path / "security.log")
    assert acts == ["secret created"] * made.count("created ")


def test_create_says_when_there_is_nothing_to_do(tmp_path: Path) -> None:
    CliRunner().invoke(secrets, ["create", str(tmp_path)])

    result = CliRunner().invoke(secrets, ["create", str(tmp_path)])

    assert result.output == f"nothing to do: {tmp_path} has every secret\n"


def test_only_what_others_must_know_can_be_said_to_be_published(tmp_path: Path) -> None:
    arguments = ["rotate", "handover_token", "--published", "x", "--secrets", str(tmp_path)]
    result = CliRunner().invoke(secrets, [*arguments, "--database-url", "postgresql://nowhere/x"])

    assert result.exit_code == 2
    assert "--published is not for it" in result.output
