"""The command line is quick to explain itself and short when something is wrong."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from deploy import command_line
from deploy.command_line import SUBCOMMANDS, Command, _tell_of_file, gleichfall
from shared.configuration.places import ROOT
from shared.console.lazy_group import LazyGroup
from shared.errors import GleichfallError

HEAVY = ("aiokafka", "asyncpg", "fastapi", "uvicorn", "rich", "deploy.local", "services")


class KettleBoiled(GleichfallError):
    exit_code = 7


@click.command()
def boil() -> None:
    raise KettleBoiled("the kettle in the kitchen is empty: fill it")


def test_help_names_every_command_without_loading_one() -> None:
    program = (
        "import sys; from deploy.command_line import gleichfall;"
        "gleichfall.main(['--help'], standalone_mode=False);"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    *lines, loaded = answer.stdout.splitlines()
    assert all(any(line.split()[:1] == [name] for line in lines) for name in SUBCOMMANDS)
    assert loaded == "[]"


def loaded(*words: str) -> set[str]:
    """Run a command in a process of its own; give the modules that it has loaded."""
    program = (
        "import sys; from deploy.command_line import gleichfall;"
        f"gleichfall.main({list(words)}, standalone_mode=False); print(*sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(answer.stdout.splitlines()[-1].split())


SERVING = {"fastapi", "faststream", "uvicorn", "weasyprint", "joserfc", "scipy.stats"}
WIRE = {"aiokafka", "asyncpg", "httpx"}
NUMERIC = {"numpy", "scipy"}


@pytest.mark.parametrize(
    ("command", "needless"),
    [
        (
            "stats interval --errors 45 --sample 100",
            {"rich", "pydantic", "cryptography"} | NUMERIC | WIRE,
        ),
        ("stats interval --errors 4 --sample 9 --population 30", {"rich", "pydantic"} | NUMERIC),
        ("stats interval --errors 4 --sample 9 --method wilson", {"rich", "pydantic"} | NUMERIC),
        ("stats sampler --seed 1 --take 3 --range 1 9", {"rich", "pydantic"} | NUMERIC | WIRE),
        ("stats --help", {"rich", "pydantic"} | NUMERIC | WIRE),
        (
            "messages list",
            {"babel", "cryptography", "holidays", "markdown_it"}
            | {"rich.progress", "rich._emoji_codes"}
            | NUMERIC
            | WIRE,
        ),
        ("events list", {"yaml", "cryptography"} | WIRE),
        ("organisation check deploy/organisation/karlsruhe.yaml", {"cryptography"} | WIRE),
        ("policy check deploy/policy/karlsruhe.yaml", {"aiokafka", "httpx"} | NUMERIC),
        ("policy --help", {"aiokafka", "holidays", "httpx"} | NUMERIC),
        ("frame --help", {"aiokafka", "holidays", "httpx"} | NUMERIC),
        ("draw --help", {"aiokafka", "holidays", "httpx", "scipy"}),
        ("dead-letters --help", {"aiokafka", "cryptography", "httpx"} | NUMERIC),
        ("import --help", {"aiokafka", "asyncpg"} | NUMERIC),
    ],
)
def test_a_command_loads_nothing_that_it_does_not_use(command: str, needless: set[str]) -> None:
    assert loaded(*command.split()) & (SERVING | needless) == set()


@pytest.mark.parametrize("group", ["stats", "policy"])
def test_what_a_group_says_of_its_commands_is_there(group: str) -> None:
    found = SUBCOMMANDS[group].load()
    assert isinstance(found, LazyGroup)
    for name, lazy in found.table.items():
        answer = CliRunner().invoke(gleichfall, [group, name, "--help"])
        assert answer.exit_code == 0, answer.exception
        assert lazy.load().name == name
        assert lazy.summary.endswith(".")


def test_a_condition_we_know_is_one_line_and_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(SUBCOMMANDS, "boil", Command(f"{__name__}:boil", "Boil water."))
    monkeypatch.setattr(sys, "argv", ["gleichfall", "boil"])
    with pytest.raises(SystemExit) as left:
        command_line.main()
    assert left.value.code == 7
    assert capsys.readouterr().err == "gleichfall: the kettle in the kitchen is empty: fill it\n"


def test_settings_that_cannot_be_used_are_one_line_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("GLEICHFALL_STACK_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["gleichfall", "messages", "dkim", "march2026"])
    monkeypatch.setattr(command_line, "_join_stack", lambda: None)
    monkeypatch.setenv("NOTIFY_SENDER_ADDRESS", "nobody")
    with pytest.raises(SystemExit) as left:
        command_line.main()
    assert left.value.code == 2
    told = capsys.readouterr().err
    assert "NOTIFY_SENDER_ADDRESS must be set, or can't be used; start the local stack" in told
    assert len(told.splitlines()) == 1


def test_a_terminal_that_lacks_our_letters_gets_the_others() -> None:
    program = (
        "import sys; from deploy import command_line;"
        "command_line.gleichfall.main = lambda **_: print('Gr\\u00fc\\u00dfe');"
        "command_line.main()"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)},
    )
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "Gr??e\n", "")


def test_a_level_of_logging_that_there_isnt_is_refused_by_every_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "LAUT")
    monkeypatch.setattr(sys, "argv", ["gleichfall", "events", "list"])
    with pytest.raises(SystemExit) as left:
        command_line.main()
    assert left.value.code == 2
    assert "LOG_LEVEL is 'LAUT', must be one of DEBUG, INFO, WARNING, ERROR" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_every_command_of_the_table_exists_and_teaches(name: str) -> None:
    answer = CliRunner().invoke(gleichfall, [name, "--help"])
    assert answer.exit_code == 0, answer.exception
    explanation = SUBCOMMANDS[name].load().help
    assert explanation is not None
    assert len(explanation) > 40


def test_an_unknown_command_is_refused_with_a_hint() -> None:
    answer = CliRunner().invoke(gleichfall, ["fly"])
    assert answer.exit_code == 2
    assert "No such command 'fly'" in answer.output


@pytest.mark.parametrize("command", ["up", "down", "status", "env", "doctor"])
def test_a_stack_s_folder_that_is_none_is_told_in_one_line(command: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    answer = subprocess.run(
        [sys.executable, "-m", "deploy.command_line", command],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"GLEICHFALL_STACK_DIR": str(file)},
    )

    assert answer.returncode == 1
    assert answer.stderr == f"gleichfall: {file}/supervisor.lock can't be used: Not a directory\n"


def test_a_full_disk_is_told_in_one_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    _tell_of_file(OSError(errno.ENOSPC, "No space left on device"))

    assert capsys.readouterr().err == (
        "gleichfall: a file can't be used: No space left on device\n"
    )


def test_an_error_that_names_no_file_is_ours_and_goes_on() -> None:
    with pytest.raises(OSError, match="unexpected"):
        _tell_of_file(OSError(errno.EIO, "unexpected"))
