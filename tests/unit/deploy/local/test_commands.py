"""`gleichfall status` where nothing runs, and `gleichfall env`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.demo.people import password_in
from deploy.local import commands, ending, presence, supervisor
from deploy.local.commands import env, status, up
from deploy.local.errors import NothingRuns
from deploy.local.folder import Folder


def test_a_program_reads_json_when_nothing_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stack = Folder(tmp_path)
    ending.reserve(stack.ending)
    ending.note(stack.ending, "the disk is full")
    monkeypatch.setattr(commands, "STACK", stack)

    def nothing(folder: Folder) -> None:
        del folder

    monkeypatch.setattr(presence, "is_ready", nothing)
    monkeypatch.setattr(presence, "running", nothing)

    found = CliRunner().invoke(status, ["--json"])

    assert found.exit_code == 1
    assert json.loads(found.output) == {
        "ready": False,
        "addresses": {},
        "missing": {},
        "services": {},
        "unwitnessed": {},
        "far": {"messages": 0, "latest": None, "case": None},
        "last_stop": "the disk is full",
        "logs": str(tmp_path / "log"),
    }


@pytest.mark.parametrize("invented", [True, False], ids=["after a demo", "without one"])
def test_who_starts_it_again_reads_where_the_password_of_invented_people_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, invented: bool
) -> None:
    stack = Folder(tmp_path)
    stack.record.write_text('{"ports": {}, "addresses": {}}', encoding="utf-8")
    if invented:
        password_in(stack.demo_password)
    monkeypatch.setattr(commands, "STACK", stack)
    monkeypatch.setattr(presence, "running", lambda _: 1)
    monkeypatch.setattr(supervisor, "wait_until_ready", lambda _: None)

    told = CliRunner().invoke(up, ["--detach"], catch_exceptions=False).output

    assert (f"invented people's password: {stack.demo_password}\n" in told) == invented


def test_a_shell_is_told_where_to_send_and_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = {
        "INTAKE_URL": "http://127.0.0.1:20000",
        "DATABASE_URL": "postgresql://owner:password@127.0.0.1:1/x",
        "GLEICHFALL_SECRETS_DIR": "/home/an operator/.local/secrets",
    }
    monkeypatch.setattr(presence, "environment_of_running", lambda *_: found)

    told = CliRunner().invoke(env)

    assert told.output.splitlines() == [
        "export INTAKE_URL=http://127.0.0.1:20000",
        "export GLEICHFALL_SECRETS_DIR='/home/an operator/.local/secrets'",
    ]


def test_a_shell_is_told_nothing_when_nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "environment_of_running", lambda *_: {})

    told = CliRunner().invoke(env)

    assert isinstance(told.exception, NothingRuns)
    assert told.output == ""
