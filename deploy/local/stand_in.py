"""Starts our own programs that stand in for others: providers that send nothing on."""

import sys
from datetime import timedelta
from pathlib import Path

from deploy.local import child
from deploy.local.folder import Folder
from deploy.local.ports import HOST

_READY_TIMEOUT = timedelta(seconds=40)


def start(name: str, module: str, *, port: int, files: Path, folder: Folder) -> child.Child:
    """Start one as a process, and wait until it answers.

    Args:
        name: What people call it.
        module: What is run.
        port: Port for clients.
        files: Where it keeps what it is given.
        folder: Where the secrets and the log file are.

    Raises:
        ChildDied, NotReady: when it doesn't.
    """
    options = ["--port", port, "--folder", files, "--secrets", folder.secrets]
    command = [sys.executable, "-m", module, *map(str, options)]
    process = child.start(name, command, log=folder.log(name))
    process.wait_for_answer(f"http://{HOST}:{port}/", timeout=_READY_TIMEOUT)
    return process
