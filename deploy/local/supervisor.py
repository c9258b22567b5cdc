"""The supervisor as others see it: is it there, start it in the background, end it."""

import os
import signal
import sys
import time
from collections.abc import Mapping
from datetime import timedelta

from deploy.local import child, lock, record
from deploy.local.errors import NotReady, StopTimedOut
from deploy.local.folder import Folder
from deploy.local.postgres import Postgres
from deploy.local.stack import StackOptions

_START_TIMEOUT = timedelta(minutes=15)  # the first one downloads Kafka
_STOP_TIMEOUT = timedelta(seconds=60)


def running(folder: Folder) -> int | None:
    """The process id of the living supervisor, None when nothing runs."""
    return lock.holder(folder.supervisor_lock)


def is_ready(folder: Folder) -> bool:
    """Whether a supervisor is there and everything under it has answered."""
    return running(folder) is not None and record.load(folder.record).ready


def owner_database_url(folder: Folder, environment: Mapping[str, str]) -> str:
    """The database of the running stack for its owner, password included."""
    given = environment.get("DATABASE_URL")
    port = record.load(folder.record).ports.get("postgres", 0)
    return given or Postgres(folder, port=port, inherit=()).database_url


def environment_of_running(folder: Folder, environment: Mapping[str, str]) -> dict[str, str]:
    """Give the variables with which a command finds the running stack; none when nothing runs."""
    if not is_ready(folder):
        return {}
    addresses = record.load(folder.record).addresses
    return {
        "INTAKE_URL": addresses["intake"],
        "KAFKA_BOOTSTRAP_SERVERS": addresses["kafka"],
        "DATABASE_URL": owner_database_url(folder, environment),
        "GLEICHFALL_SECRETS_DIR": str(folder.secrets),
    }


def start_detached(folder: Folder, options: StackOptions) -> None:
    """Start a supervisor that outlives this process; return when everything is ready.

    Raises:
        ChildDied: with its last words, when it could not start.
        NotReady: when it takes for ever.
    """
    ports = [f"--{part}-port={port}" for part, port in options.asked_ports.items()]
    command = ["-m", "deploy.command_line", "up", f"--workers={options.workers}", *ports]
    process = child.start(
        "the stack",
        [sys.executable, *command],
        log=folder.log("supervisor"),
        death_signal=None,
    )
    try:
        process.wait_until(lambda: is_ready(folder), timeout=_START_TIMEOUT)
    except (KeyboardInterrupt, NotReady):
        process.stop()
        raise


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
