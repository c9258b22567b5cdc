"""Whoever interrupts `make ops-demo` leaves nothing running; what it plays, test_alerting plays."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from deploy.local.folder import Folder
from tests.patience import PATIENCE

pytestmark = [pytest.mark.stack, pytest.mark.chaos, pytest.mark.timeout(300)]

PLAYING = "1 of 3"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A demo at its first fault, in a terminal of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.ops_demo"],
        env=os.environ | {"GLEICHFALL_STACK_DIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith(PLAYING):
            break
    assert said[-1].startswith(PLAYING), said
    yield process
    assert process.poll() is not None


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_whoever_interrupts_it_leaves_nothing_running(
    demo: subprocess.Popen[str], ending: signal.Signals, tmp_path: Path
) -> None:
    assert of(tmp_path)

    os.killpg(demo.pid, ending)
    os.killpg(demo.pid, signal.SIGINT)  # who is impatient presses Ctrl-C again
    said, _ = demo.communicate(timeout=PATIENCE)

    assert demo.returncode == 130, said
    assert "stopped" in said
    assert not of(tmp_path)
    assert Folder(tmp_path / "ops-demo").logs.is_dir()


def of(folder: Path) -> list[str]:
    """The processes that work in a folder, or were told of it."""
    return [
        one.name()
        for one in psutil.process_iter(["cmdline", "environ"])
        if any(str(folder) in text for text in _told(one.info))
    ]


def _told(info: Mapping[str, Any]) -> Iterator[str]:
    yield from info["cmdline"] or ()
    yield from (info["environ"] or {}).values()
