"""A process of the stack: started with a log file, ended with its parent, stopped gracefully."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from deploy.local import log_files, loopback
from deploy.local.errors import ChildDied, NotReady

POLL = timedelta(milliseconds=50)
_COMPLAINT = re.compile(r"\b(ERROR|FATAL|PANIC)\b|\b\w*(Error|Exception): ")
_OURS = "gleichfall: "
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Child:
    """A running process and how to end it.

    Attributes:
        name: What people call it.
        process: The process itself.
        log: Where its output goes.
        stop_signal: The signal it takes as "finish and leave".
        stop_timeout: How long it may take to leave before it is killed.
    """

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    stop_signal: signal.Signals
    stop_timeout: timedelta

    def check(self) -> None:
        """Raise when the process has ended by itself.

        Raises:
            ChildDied: with its last complaint.
        """
        code = self.process.poll()
        if code is not None:
            raise ChildDied(self.name, code, last_words(self.log), self.log)

    def wait_until(self, ready: Callable[[], bool], *, timeout: timedelta) -> None:
        """Wait until `ready` says so.

        Raises:
            ChildDied: when the process ends before.
            NotReady: after `timeout`.
        """
        deadline = time.monotonic() + timeout.total_seconds()
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise NotReady(self.name, timeout.total_seconds(), self.log)
            time.sleep(POLL.total_seconds())

    def wait_for_answer(self, url: str, *, timeout: timedelta) -> None:
        """Wait until an HTTP server answers.

        Raises:
            ChildDied, NotReady: as `wait_until`.
        """
        self.wait_until(lambda: loopback.answers(url), timeout=timeout)

    def ask_to_stop(self) -> None:
        """Send the stop signal, without waiting."""
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Ask to stop, wait, and kill when it takes longer than `stop_timeout`."""
        self.ask_to_stop()
        try:
            self.process.wait(self.stop_timeout.total_seconds())
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it the hard way, as a power cut would."""
        self.process.kill()
        self.process.wait()


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    inherit: Sequence[int] = (),
    stop_signal: signal.Signals = signal.SIGTERM,
    stop_timeout: timedelta = timedelta(seconds=20),
    death_signal: signal.Signals | None = signal.SIGKILL,
) -> Child:
    """Start `command` as a child of this process that ends with it.

    It gets a session of its own, so that Ctrl-C reaches only us and we can stop in order. On
    Linux the kernel ends it when the thread that started it ends, so call this from the main
    thread.

    Args:
        name: What people call it.
        command: Program and arguments.
        log: Leads to the file that takes its output, one for each run.
        environment: Its whole environment, ours by default.
        inherit: Descriptors it keeps open.
        stop_signal: What it takes as "finish and leave".
        stop_timeout: Time for that.
        death_signal: What the kernel sends it when we die; None lets it live on.
    """
    parent = os.getpid()
    with log_files.begin(log) as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            pass_fds=inherit,
            start_new_session=True,
            preexec_fn=lambda: _prepare(parent, stop_signal, death_signal),  # noqa: PLW1509 - two system calls, no locks
        )
    return Child(name, process, log, stop_signal, stop_timeout)


def last_words(log: Path) -> str:
    """What a log file most likely says of why its process ended: a line, or all that we said."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    told = [at for at, line in enumerate(lines) if line.startswith(_OURS)]
    if told:  # by us, a line for each thing that is wrong
        return "\n".join(lines[told[-1] :]).removeprefix(_OURS)
    complaints = [line for line in lines if _COMPLAINT.search(line)]
    return next(iter([*complaints[-1:], *lines[-1:]]), "")


def _prepare(parent: int, stop_signal: signal.Signals, death_signal: signal.Signals | None) -> None:
    signal.signal(stop_signal, signal.SIG_DFL)  # we may ignore it: SIGINT in a script's background
    if _LIBC is None or death_signal is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:  # it died between fork and prctl
        os._exit(1)
