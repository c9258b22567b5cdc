"""The fake as a process of the local stack."""

import json
from collections.abc import Mapping

from deploy.local import child, stand_in
from deploy.local.fake_fit_connect.documents import DESTINATION
from deploy.local.folder import Folder
from deploy.local.ports import HOST

PLACE = "NOTIFY_FIT_CONNECT"
"""The variable that names a real one."""


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
        return stand_in.start(
            "fake-fit-connect",
            "deploy.local.fake_fit_connect",
            port=self._port,
            files=self._folder.fake_fit_connect,
            folder=self._folder,
        )


def place(port: int) -> dict[str, str]:
    """Give where a fake on a port is, as NOTIFY_FIT_CONNECT names it."""
    url = f"http://{HOST}:{port}"
    return {
        "token_url": f"{url}/token",
        "submission_url": f"{url}/submission-api",
        "destination_url": f"{url}/destination-api",
        "destination": str(DESTINATION),
    }
