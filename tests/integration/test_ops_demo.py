"""`make ops-demo` plays to its end, and whoever interrupts it leaves nothing running."""

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
from tests.runbooks import runbook
from tests.watched import FAULTS, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.chaos, pytest.mark.timeout(300)]

PLAYING = f"1 of {len(FAULTS)}"


def started(folder: Path) -> subprocess.Popen[str]:
    """A demo in a terminal of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ops_demo"],
        env=os.environ | {"GLEICHFALL_STACK_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A demo at its first fault."""
    process = started(tmp_path)
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
    wait_until(lambda: not of(tmp_path))
    assert Folder(tmp_path / "ops-demo").logs.is_dir()


@pytest.mark.timeout(900)
def test_it_plays_to_its_end_and_leaves_nothing_running(tmp_path: Path) -> None:
    process = started(tmp_path)
    try:
        said, _ = process.communicate(timeout=850)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)

    assert process.returncode == 0, said
    for fault in FAULTS:
        fired, _, rest = said.partition(f": {fault.alert}\n")[2].partition("  cleared  ")
        assert "  fired  " in fired, said
        assert all(f"$ {line}" in rest for line in runbook(fault.alert).proofs), said
    assert f"all {len(FAULTS)} have fired and cleared" in said
    wait_until(lambda: not of(tmp_path))  # the last one has said that it ends and is about to


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
