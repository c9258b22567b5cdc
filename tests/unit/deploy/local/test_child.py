"""A child is stopped gracefully, says why it died, and never outlives its parent."""

import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from textwrap import dedent

import pytest

from deploy.local import child
from deploy.local.errors import ChildDied, NotReady

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_a_child_that_dies_is_named_with_its_last_complaint(tmp_path: Path) -> None:
    script = "echo starting; echo 'FATAL: no space left'; echo bye; exit 3"
    process = child.start("printer", ["sh", "-c", script], log=tmp_path / "printer.log")
    process.process.wait()
    with pytest.raises(ChildDied, match="printer ended with code 3: FATAL: no space left"):
        process.check()


def test_all_that_we_said_ourselves_is_repeated(tmp_path: Path) -> None:
    said = ("an ERROR before", "gleichfall: a.yaml, line 1: x", "b.yaml, line 2: y")
    script = "".join(f"echo '{line}'; " for line in said) + "exit 1"
    process = child.start("reader", ["sh", "-c", script], log=tmp_path / "reader.log")
    process.process.wait()
    with pytest.raises(ChildDied, match=r"code 1: a\.yaml, line 1: x\nb\.yaml, line 2: y"):
        process.check()


def test_waiting_ends_when_the_child_does(tmp_path: Path) -> None:
    process = child.start("flash", ["false"], log=tmp_path / "flash.log")
    with pytest.raises(ChildDied, match="flash ended with code 1: no output"):
        process.wait_until(lambda: False, timeout=timedelta(seconds=30))


def test_waiting_ends_after_its_time(tmp_path: Path) -> None:
    process = child.start("sloth", SLEEP, log=tmp_path / "sloth.log")
    with pytest.raises(NotReady, match="sloth was not ready"):
        process.wait_until(lambda: False, timeout=timedelta(milliseconds=100))
    process.stop()


def test_a_child_gets_the_signal_it_takes_as_please_leave(tmp_path: Path) -> None:
    script = "trap 'echo left in peace; exit 0' INT; echo ready; while :; do sleep 0.05; done"
    log = tmp_path / "guest.log"
    process = child.start("guest", ["sh", "-c", script], log=log, stop_signal=signal.SIGINT)
    process.wait_until(lambda: "ready" in log.read_text(), timeout=timedelta(seconds=60))
    process.stop()
    assert process.process.returncode == 0
    assert "left in peace" in log.read_text()


def test_a_child_gets_that_signal_also_where_we_ignore_it(tmp_path: Path) -> None:
    """As whatever a script starts in the background does with SIGINT."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = child.start("guest", SLEEP, log=tmp_path / "log", stop_signal=signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    process.stop()
    assert process.process.returncode == -signal.SIGINT


def test_a_child_that_does_not_leave_is_killed(tmp_path: Path) -> None:
    script = "trap '' TERM; echo ready; while :; do sleep 0.05; done"
    log = tmp_path / "mule.log"
    process = child.start(
        "mule", ["sh", "-c", script], log=log, stop_timeout=timedelta(milliseconds=200)
    )
    process.wait_until(lambda: "ready" in log.read_text(), timeout=timedelta(seconds=60))
    process.stop()
    assert process.process.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help exists on Linux only")
def test_no_child_outlives_a_killed_parent(tmp_path: Path) -> None:
    program = """
        import sys, time
        from pathlib import Path
        from deploy.local import child
        print(child.start("heir", ["sleep", "60"], log=Path(sys.argv[1])).process.pid, flush=True)
        time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", dedent(program), str(tmp_path / "heir.log")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    heir = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    while _is_alive(heir):  # as long as a test may take
        time.sleep(0.02)


def _is_alive(pid: int) -> bool:
    """A zombie that nobody has waited for yet counts as dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
