"""`gleichfall status` where nothing runs."""

import json

import pytest
from click.testing import CliRunner

from deploy.local import presence
from deploy.local.commands import status
from deploy.local.folder import Folder


def test_a_program_reads_json_when_nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
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
    }
