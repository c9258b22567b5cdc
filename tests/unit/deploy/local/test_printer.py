"""The print service that stands in for a real one."""

import json
from hashlib import sha256
from pathlib import Path

from deploy.local.printer import posted_in, print_new


def put(printer: Path, run: str) -> Path:
    folder = printer / "folder" / "runs" / run
    folder.mkdir(parents=True)
    (printer / "folder" / "acknowledgements").mkdir(exist_ok=True)
    (folder / "letter.pdf").write_bytes(b"letter")
    letter = {"message": run, "file": "letter.pdf", "sha256": sha256(b"letter").hexdigest()}
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps({"run": run, "letters": [letter]}), encoding="utf-8")
    return manifest


def test_each_run_is_printed_once(tmp_path: Path) -> None:
    put(tmp_path, "first")
    assert list(print_new(tmp_path)) == ["first"]
    put(tmp_path, "second")
    assert list(print_new(tmp_path)) == ["second"]
    assert [one["message"] for one in posted_in(tmp_path)] == ["first", "second"]


def test_what_was_printed_is_not_read_again_for_notify_takes_it_away(tmp_path: Path) -> None:
    manifest = put(tmp_path, "first")
    assert list(print_new(tmp_path)) == ["first"]
    manifest.write_text("", encoding="utf-8")
    assert list(print_new(tmp_path)) == []
