"""The logs of all services arrive as whole lines with the name of their writer."""

from io import StringIO
from pathlib import Path

from deploy.local import child
from deploy.local.log_stream import LogStream


def test_a_file_that_was_cut_is_read_from_its_beginning(tmp_path: Path) -> None:
    process = child.start("intake", ["true"], log=tmp_path / "intake.log")
    process.process.wait()
    output = StringIO()
    stream = LogStream([process], output)
    (tmp_path / "intake.log").write_text("a long line\n")
    stream.copy_new()
    (tmp_path / "intake.log").write_text("next\n")
    stream.copy_new()
    assert output.getvalue() == "intake | a long line\nintake | next\n"


def test_each_line_comes_once_and_only_when_it_is_whole(tmp_path: Path) -> None:
    processes = [
        child.start(name, ["true"], log=tmp_path / f"{name}.log")
        for name in ("intake", "controlling")
    ]
    for process in processes:
        process.process.wait()
    output = StringIO()
    stream = LogStream(processes, output)
    (tmp_path / "intake.log").write_text("one\ntw")
    stream.copy_new()
    (tmp_path / "intake.log").write_text("one\ntwo\n")
    (tmp_path / "controlling.log").write_text("drei\n")
    stream.copy_new()
    assert output.getvalue() == "intake      | one\nintake      | two\ncontrolling | drei\n"
