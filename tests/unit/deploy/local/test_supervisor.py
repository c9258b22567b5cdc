"""`up --detach` judges the processes that it has started, whatever a run before has left."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from deploy.local import child, presence, record, supervisor
from deploy.local.errors import ChildDied, NothingRuns
from deploy.local.folder import Folder
from deploy.local.lock import FileLock
from deploy.local.record import StackRecord
from deploy.local.stack import StackOptions

OURS, OTHER = 4242, 4343


@dataclass
class Started:
    """A process that was started, and what is asked about it."""

    ready: Callable[[], bool] = lambda: False
    process: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(pid=OURS))

    def wait_until(self, ready: Callable[[], bool], *, timeout: timedelta) -> None:
        del timeout
        self.ready = ready


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, folder: Folder) -> Started:
    """A supervisor that was started where the run before had its process id and was ready."""
    process = Started()
    monkeypatch.setattr(child, "start", lambda *_, **__: process)
    record.save(folder.record, StackRecord(ports={"kafka": 20_001}, ready_under=OURS))
    supervisor.start_detached(folder, StackOptions())
    return process


def holds(monkeypatch: pytest.MonkeyPatch, pid: int | None) -> None:
    for module in (presence, supervisor):
        monkeypatch.setattr(module, "running", lambda _: pid)


def test_it_is_ready_once_it_says_so_itself(
    started: Started, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    holds(monkeypatch, OURS)
    assert not started.ready(), "the run before was"

    record.save(folder.record, StackRecord(ready_under=OURS))
    assert started.ready()


def test_it_is_not_ready_because_another_one_is(
    started: Started, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    holds(monkeypatch, OTHER)
    record.save(folder.record, StackRecord(ready_under=OTHER))
    assert presence.is_ready(folder)
    assert not started.ready()


def test_the_ports_of_the_run_before_are_kept(started: Started, folder: Folder) -> None:
    del started
    assert record.load(folder.record).ports == {"kafka": 20_001}


def test_nobody_takes_the_word_of_a_run_before(folder: Folder) -> None:
    record.save(folder.record, StackRecord(ready_under=os.getpid() + 1))
    with FileLock(folder.supervisor_lock):
        assert presence.running(folder) == os.getpid()
        assert not presence.is_ready(folder)


class Late(Started):
    """A supervisor that finds another one at work, and ends."""

    def wait_until(self, ready: Callable[[], bool], *, timeout: timedelta) -> None:
        del ready, timeout
        raise ChildDied("the stack", 0, "already running", Path("supervisor.log"))


def test_whoever_comes_second_waits_for_the_first(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def pass_by(seconds: float) -> None:
        waits.append(seconds)
        record.save(folder.record, StackRecord(ready_under=OTHER))

    monkeypatch.setattr(child, "start", lambda *_, **__: Late())
    monkeypatch.setattr("time.sleep", pass_by)
    holds(monkeypatch, OTHER)

    supervisor.start_detached(folder, StackOptions())

    assert len(waits) == 1
    assert presence.is_ready(folder)


@pytest.mark.parametrize("holder", [None, OURS])
def test_one_that_ends_by_itself_says_why(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, holder: int | None
) -> None:
    monkeypatch.setattr(child, "start", lambda *_, **__: Late())
    holds(monkeypatch, holder)

    with pytest.raises(ChildDied):
        supervisor.start_detached(folder, StackOptions())


def test_nobody_waits_for_a_stack_that_has_ended(folder: Folder) -> None:
    with pytest.raises(NothingRuns):
        supervisor.wait_until_ready(folder)
