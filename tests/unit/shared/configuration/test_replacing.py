"""What is written takes the place of a file, and of nothing else."""

import os
from pathlib import Path

import pytest

from shared.configuration.replacing import FileUnwritable, NoFileToReplace, replacing


def write(path: Path, text: str) -> None:
    with replacing(path) as torso:
        torso.write_text(text)


def break_off(path: Path) -> None:
    with replacing(path) as torso:
        torso.write_text("half")
        raise KeyboardInterrupt


def test_what_is_written_is_there_whole_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "draw.part").write_text("somebody else's")
    write(tmp_path / "draw", "first")
    write(tmp_path / "draw", "second")
    found = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert found == {"draw": "second", "draw.part": "somebody else's"}


def test_who_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    write(tmp_path / "draw", "first")
    with pytest.raises(KeyboardInterrupt):
        break_off(tmp_path / "draw")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"draw": "first"}


def test_nobody_may_read_it_who_could_not_read_what_it_replaces(tmp_path: Path) -> None:
    (tmp_path / "mail").touch(0o600)
    with replacing(tmp_path / "mail") as torso:
        torso.write_text("new")
        assert torso.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "mail").stat().st_mode & 0o777 == 0o600


def test_two_at_once_do_not_mix(tmp_path: Path) -> None:
    with replacing(tmp_path / "draw") as one, replacing(tmp_path / "draw") as other:
        one.write_text("one")
        other.write_text("other")
    assert (tmp_path / "draw").read_text() == "one", "who is done last"


def test_a_link_goes_on_leading_to_the_file(tmp_path: Path) -> None:
    link, file = tmp_path / "latest", tmp_path / "draw"
    file.write_text("old")
    link.symlink_to(file)
    write(link, "new")
    assert link.is_symlink()
    assert file.read_text() == "new"


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NoFileToReplace):
        write(tmp_path / "pipe", "new")
    assert (tmp_path / "pipe").is_fifo()


def test_a_place_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileUnwritable):
        write(tmp_path / "nowhere" / "draw", "new")
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(FileUnwritable):
        write(loop / "draw", "new")
