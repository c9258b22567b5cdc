"""The numbers on the page about real logs are those its commands print."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.command_line import SUBCOMMANDS
from tests.knowledge import KNOWLEDGE, needs_knowledge
from tests.unit.docs.pages import ROOT

PAGE = ROOT / "docs" / "guide" / "real-logs.md"
_BLOCK = re.compile(r"^```\n(\$ .+?)^```$", re.MULTILINE | re.DOTALL)
_CALL = re.compile(r"^\$ gleichfall (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


def printed(command: str) -> str:
    """Run a command of the page; give what it prints."""
    first, *words = shlex.split(command.replace("../shared", str(KNOWLEDGE)))
    runner = CliRunner(
        env={
            "GLEICHFALL_SECRETS_DIR": None,
            "INTAKE_URL": None,
            "GLEICHFALL_BREAKDOWNS": str(PAGE.with_suffix(".yaml")),
        }
    )
    result = runner.invoke(SUBCOMMANDS[first].load(), words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return clean(result.stdout)


def clean(text: str) -> str:
    """Leave out spaces at the ends of lines, and blank lines around them."""
    return "\n".join(map(str.rstrip, text.splitlines())).strip("\n")


@needs_knowledge
def test_every_number_comes_from_the_command_above_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    calls = [
        call for block in _BLOCK.findall(PAGE.read_text("utf-8")) for call in _CALL.findall(block)
    ]
    assert len(calls) >= 7
    for command, shown in calls:
        assert printed(command) == "\n".join(map(str.rstrip, shown.strip("\n").splitlines())), (
            command
        )
