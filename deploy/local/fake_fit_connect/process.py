"""The fake as a process of the local stack."""

import json
import sys
from collections.abc import Mapping
from datetime import timedelta

from deploy.local import child
from deploy.local.fake_fit_connect.documents import DESTINATION
from deploy.local.folder import Folder
from deploy.local.ports import HOST

PLACE = "NOTIFY_FIT_CONNECT"
"""The variable that names a real one."""

_READY_TIMEOUT = timedelta(seconds=40)


class FakeFitConnect:
    """The fake of the local stack, in one process.

    Args:
        folder: Where its files, the secrets and the log file are.
        port: Port for clients.
    """

    def __init__(self, folder: Folder, *, port: int) -> None:
        self._folder = folder
        self._port = port

    @property
    def settings(self) -> Mapping[str, str]:
        """Give notify's settings for it: it tells at once what came of a message."""
        return {PLACE: json.dumps(place(self._port)), "NOTIFY_EVENT_LOG_PAUSE": "PT0.1S"}

    def start(self) -> child.Child:
        """Start the process and wait until it answers.

        Raises:
            ChildDied, NotReady: when it doesn't.
        """
        options = ["--port", self._port, "--folder", self._folder.fake_fit_connect]
        options += ["--secrets", self._folder.secrets]
        process = child.start(
            "fake-fit-connect",
            [sys.executable, "-m", "deploy.local.fake_fit_connect", *map(str, options)],
            log=self._folder.log("fake-fit-connect"),
        )
        process.wait_for_answer(f"http://{HOST}:{self._port}/", timeout=_READY_TIMEOUT)
        return process


def place(port: int) -> dict[str, str]:
    """Give where a fake on a port is, as NOTIFY_FIT_CONNECT names it."""
    url = f"http://{HOST}:{port}"
    return {
        "token_url": f"{url}/token",
        "submission_url": f"{url}/submission-api",
        "destination_url": f"{url}/destination-api",
        "destination": str(DESTINATION),
    }
