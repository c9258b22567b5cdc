"""Runs of letters in a folder that a printer empties: each letter once, whoever is killed when."""

import json
import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from services.notify.channels.letter.print_folder import (
    MANIFEST,
    Acknowledgement,
    Answered,
    Manifest,
    PrintFolder,
    Verdict,
)
from services.notify.channels.letter.writing import Letter

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


class Killed(BaseException):
    """The process ends here."""


def letter(number: int) -> Letter:
    return Letter(UUID(int=number), "Anna\nMusterstraße 1\n99999 Ort", b"%PDF " * number, number)


def runs(home: Path) -> list[Path]:
    return sorted(one for one in (home / "runs").iterdir() if not one.name.startswith("."))


def printed(home: Path) -> list[int]:
    """Give what a printer finds in all manifests."""
    manifests = (json.loads((run / MANIFEST).read_bytes()) for run in runs(home))
    return sorted(UUID(one["message"]).int for found in manifests for one in found["letters"])


def acknowledge(home: Path, *said: tuple[int, Verdict]) -> Path:
    file = home / "acknowledgements" / "any.json"
    file.write_text(json.dumps({"letters": {str(UUID(int=one)): word for one, word in said}}))
    return file


def grow_old(path: Path, by: timedelta) -> None:
    then = (datetime.now(UTC) - by).timestamp()
    os.utime(path, (then, then))


@pytest.fixture
def folder(tmp_path: Path) -> PrintFolder:
    found = PrintFolder(tmp_path)
    found.open()
    return found


def test_a_run_is_a_manifest_beside_the_files_that_it_names(
    folder: PrintFolder, tmp_path: Path
) -> None:
    folder.put([letter(1), letter(2)], NOW)

    (run,) = runs(tmp_path)
    manifest = Manifest.model_validate_json((run / MANIFEST).read_bytes())
    assert manifest.run == run.name
    assert run.name.startswith("20260302T153000Z-")
    assert [(one.message.int, one.pages) for one in manifest.letters] == [(1, 1), (2, 2)]
    for sheet in manifest.letters:
        assert sha256((run / sheet.file).read_bytes()).hexdigest() == sheet.sha256


def test_a_manifest_tells_nothing_of_recipients(folder: PrintFolder, tmp_path: Path) -> None:
    folder.put([letter(1)], NOW)

    (run,) = runs(tmp_path)
    written = (run / MANIFEST).read_text()
    assert "Anna" not in written
    assert "Musterstra" not in written


def test_others_on_the_machine_cannot_read_letters(folder: PrintFolder, tmp_path: Path) -> None:
    folder.put([letter(1)], NOW)

    (run,) = runs(tmp_path)
    assert not any(one.stat().st_mode & 0o007 for one in (run, *run.iterdir()))


def test_a_letter_that_lies_there_is_not_put_there_again(
    folder: PrintFolder, tmp_path: Path
) -> None:
    folder.put([letter(1), letter(2)], NOW)

    PrintFolder(tmp_path).put([letter(2), letter(3)], NOW + timedelta(minutes=1))
    folder.put([letter(1)], NOW + timedelta(minutes=2))

    assert printed(tmp_path) == [1, 2, 3]


def kill_at(patch: pytest.MonkeyPatch, step: int) -> None:
    """Count what is asked of the disk, and end before one of it."""
    counted = 0

    def watch(owner: object, name: str) -> None:
        real = getattr(owner, name)

        def call(*args: object, **options: object) -> object:
            nonlocal counted
            counted += 1
            if counted == step:
                raise Killed
            return real(*args, **options)

        patch.setattr(owner, name, call)

    watch(os, "open")
    watch(os, "fsync")
    watch(Path, "rename")


@pytest.mark.parametrize("step", range(1, 14))
def test_killed_at_any_step_a_letter_is_printed_once_when_it_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    PrintFolder(tmp_path).open()
    with monkeypatch.context() as patch:
        kill_at(patch, step)
        try:
            PrintFolder(tmp_path).put([letter(1), letter(2)], NOW)
        except Killed:
            assert printed(tmp_path) in ([], [1, 2])

    after = PrintFolder(tmp_path)
    after.open()
    after.put([letter(2), letter(1)], NOW + timedelta(minutes=5))

    assert printed(tmp_path) == [1, 2]


def test_a_run_stays_until_each_of_its_letters_is_acknowledged(
    folder: PrintFolder, tmp_path: Path
) -> None:
    folder.put([letter(1), letter(2)], NOW)
    assert folder.waiting_since() == NOW

    acknowledge(tmp_path, (1, Verdict.POSTED))
    folder.settle(*folder.answered())
    (run,) = runs(tmp_path)
    assert [file.name for file in run.glob("*.pdf")] == [f"{UUID(int=2)}.pdf"]
    folder.put([letter(1)], NOW)
    assert printed(tmp_path) == [1, 2]

    acknowledge(tmp_path, (2, Verdict.REFUSED))
    folder.settle(*folder.answered())
    assert runs(tmp_path) == []
    assert folder.waiting_since() is None
    assert folder.answered() == []


def test_settling_twice_changes_nothing(folder: PrintFolder, tmp_path: Path) -> None:
    folder.put([letter(1), letter(2)], NOW)
    said = Acknowledgement(letters={UUID(int=1): Verdict.POSTED})
    answered = Answered(acknowledge(tmp_path, (1, Verdict.POSTED)), said)

    folder.settle(answered)
    folder.settle(answered)

    assert printed(tmp_path) == [1, 2]


@pytest.mark.parametrize(
    "written",
    ["", "{", '{"letters": {}}', '{"letters": {"x": "posted"}}', '{"letters": {"1": "burnt"}}'],
)
def test_what_is_no_acknowledgement_is_set_aside_and_kept(
    folder: PrintFolder, tmp_path: Path, written: str
) -> None:
    file = tmp_path / "acknowledgements" / "odd.json"
    file.write_text(written)
    assert folder.answered() == [], "it may still be being written"
    grow_old(file, timedelta(minutes=2))

    (answered,) = folder.answered()
    folder.settle(answered)

    assert answered.acknowledgement is None
    assert (tmp_path / "unreadable" / "odd.json").read_text() == written
    assert folder.answered() == []


def test_what_a_killed_process_left_is_cleared_away_later(
    folder: PrintFolder, tmp_path: Path
) -> None:
    torso = tmp_path / "runs" / ".20260302T153000Z-aaaaaaaa"
    torso.mkdir()
    folder.open()
    assert torso.exists(), "somebody may still be writing it"
    grow_old(torso, timedelta(hours=2))

    folder.open()

    assert not torso.exists()


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(OSError, match="Not a directory"):
        PrintFolder(tmp_path / "file").open()
