"""Why a run ended is told by `status`, also where the disk takes nothing more."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.local import commands, ending
from deploy.local.commands import status
from deploy.local.folder import Folder
from deploy.local.stack import StackOptions
from tests.small_disk import mounted


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a megabyte."""
    with mounted(tmp_path, 1):
        yield tmp_path


class Failing:
    """A stack that has begun, and fails as its disk is full."""

    def __init__(self, folder: Folder, *_: object, **__: object) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        ending.reserve(self._folder.ending)
        with (self._folder.root / "filler").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def __exit__(self, *_: object) -> None:
        raise NotImplementedError


def test_on_a_full_disk_status_says_what_the_run_ended_of(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "STACK", Folder(disk))
    monkeypatch.setattr(commands, "Stack", Failing)
    monkeypatch.setattr(commands, "end_like_ctrl_c", lambda: None)
    with pytest.raises(OSError, match="No space") as failure:
        commands._run_in_foreground(StackOptions())
    assert failure.value.errno == errno.ENOSPC
    with pytest.raises(OSError, match="No space"):
        (disk / "more").write_bytes(bytes(8192))

    found = CliRunner().invoke(status)

    assert found.exit_code == 1
    assert "nothing is running" in found.output
    assert f"the disk of {disk} is full, make room" in found.output


def test_what_is_told_takes_the_place_of_what_was(tmp_path: Path) -> None:
    path = tmp_path / "ending.txt"
    assert ending.told(path) == ""
    ending.reserve(path)
    ending.note(path, "ä" * 5000)
    ending.note(path, "kafka ended")
    assert ending.told(path) == "kafka ended"
    ending.reserve(path)
    assert ending.told(path) == ""
