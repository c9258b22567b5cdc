"""The supervisor from outside: start it in the background, end it."""

import os
import signal
import sys
import time
from datetime import timedelta

from deploy.local import child, record
from deploy.local.errors import ChildDied, NothingRuns, NotReady, StopTimedOut
from deploy.local.folder import Folder
from deploy.local.presence import is_ready, running
from deploy.local.stack import StackOptions

_START_TIMEOUT = timedelta(minutes=15)  # the first one downloads Kafka
_STOP_TIMEOUT = timedelta(seconds=60)


def start_detached(folder: Folder, options: StackOptions) -> None:
    """Start a supervisor that outlives this process; return when everything is ready.

    Where somebody else has started one meanwhile, theirs is waited for.

    Raises:
        ChildDied: with its last words, when it could not start.
        NotReady: when it takes for ever.
    """
    ports = [f"--{part}-port={port}" for part, port in options.asked_ports.items()]
    command = ["-m", "deploy.command_line", "up", f"--workers={options.workers}", *ports]
    # What a run before has left is no word of this one, which may even get its process id.
    last = record.load(folder.record)
    record.save(folder.record, last.model_copy(update={"ready_under": None}))
    process = child.start(
        "the stack",
        [sys.executable, *command],
        log=folder.log("supervisor"),
        death_signal=None,
    )
    try:
        process.wait_until(
            lambda: running(folder) == process.process.pid and is_ready(folder),
            timeout=_START_TIMEOUT,
        )
    except ChildDied:
        if running(folder) in {None, process.process.pid}:
            raise
        wait_until_ready(folder)
    except (KeyboardInterrupt, NotReady):
        process.stop()
        raise


def wait_until_ready(folder: Folder) -> None:
    """Wait for a stack that somebody else has started.

    Raises:
        NothingRuns: when it has ended.
        NotReady: when it takes for ever.
    """
    deadline = time.monotonic() + _START_TIMEOUT.total_seconds()
    while not is_ready(folder):
        if running(folder) is None:
            raise NothingRuns
        if time.monotonic() > deadline:
            raise NotReady("the stack", _START_TIMEOUT.total_seconds(), folder.log("supervisor"))
        time.sleep(child.POLL.total_seconds())


def stop(folder: Folder) -> bool:
    """End the stack of this folder; False when there was none.

    Raises:
        StopTimedOut: when it is still there after a minute.
    """
    pid = running(folder)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_TIMEOUT.total_seconds()
    while running(folder) == pid:
        if time.monotonic() > deadline:
            raise StopTimedOut(pid, _STOP_TIMEOUT.total_seconds())
        time.sleep(child.POLL.total_seconds())
    return True
