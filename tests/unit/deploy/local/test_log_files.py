"""Each run of a process logs into a file of its own; five stay, and none grows for ever."""

from pathlib import Path

import pytest

from deploy.local import log_files


def said(log: Path, *runs: str) -> None:
    for words in runs:
        with log_files.begin(log) as output:
            output.write(words.encode())


def test_a_run_leaves_those_before_it_as_they_are(tmp_path: Path) -> None:
    log = tmp_path / "log" / "notify.log"

    said(log, "first", "second")

    assert log.read_text() == "second"
    first, second = sorted((log.parent / "runs").glob("notify.*.log"))
    assert (first.read_text(), second.read_text()) == ("first", "second")
    assert log.resolve() == second


def test_five_files_of_a_process_stay_and_all_of_another(tmp_path: Path) -> None:
    said(tmp_path / "notify-2.log", "another's")

    said(tmp_path / "notify.log", *"abcdefg")

    kept = [one.read_text() for one in sorted((tmp_path / "runs").glob("notify.*.log"))]
    assert kept == ["c", "d", "e", "f", "g"]
    assert (tmp_path / "notify-2.log").read_text() == "another's"


def test_a_file_that_grew_too_long_is_cut_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_files, "LARGEST", 10)
    log = tmp_path / "notify.log"
    with log_files.begin(log) as output:
        output.write(b"short")
        output.flush()
        log_files.cut_large(tmp_path)
        assert log.read_text() == "short"
        output.write(b" and longer")
        output.flush()

        log_files.cut_large(tmp_path)
        output.write(b"what follows")

    assert log.read_text() == "what follows"
    contents = {one.read_text() for one in (tmp_path / "runs").glob("notify.*.log")}
    assert contents == {"short and longer", "what follows"}


def test_what_is_no_log_of_a_run_is_not_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_files, "LARGEST", 0)
    (tmp_path / "postgres-init.log").write_text("made")
    (tmp_path / "gone.log").symlink_to("gone.1.log")

    log_files.cut_large(tmp_path)

    assert (tmp_path / "postgres-init.log").read_text() == "made"
