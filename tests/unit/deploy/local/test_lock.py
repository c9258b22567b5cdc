"""One stack per folder: the lock lives exactly as long as its holders."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.local import lock
from deploy.local.errors import DirectoryInUse


def test_a_second_holder_is_refused_while_the_first_is_there(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with lock.FileLock(path):
        assert lock.holder(path) == os.getpid()
        with pytest.raises(DirectoryInUse), lock.FileLock(path):
            pass
    assert lock.holder(path) is None
    with lock.FileLock(path):
        assert lock.holder(path) == os.getpid()


def test_nobody_holds_a_lock_that_was_never_taken(tmp_path: Path) -> None:
    assert lock.holder(tmp_path / "lock") is None


def test_a_number_left_by_a_dead_holder_is_nobodys(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text(str(os.getpid()))
    assert lock.holder(path) is None


def test_a_child_that_inherited_the_lock_keeps_it_after_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with lock.FileLock(path) as held:
        child = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(60)"], pass_fds=[held.descriptor]
        )
    with pytest.raises(DirectoryInUse), lock.FileLock(path, patience=timedelta(milliseconds=100)):
        pass
    child.send_signal(signal.SIGKILL)
    child.wait()
    with lock.FileLock(path, patience=timedelta(seconds=5)):
        pass
