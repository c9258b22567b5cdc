"""A mail server that keeps every mail as a file of a Maildir and sends none on.

Runs as a process of its own: `python -m deploy.local.mail_server --port 2525 --maildir FOLDER`.
"""

import asyncio
import itertools
import os
import signal
import smtplib
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import click
import uvloop

from deploy.local import child
from deploy.local.folder import Folder
from deploy.local.ports import HOST

_READY_TIMEOUT = timedelta(seconds=20)
_SMTP_OK = 250
_MAILDIR = ("tmp", "new", "cur")


class MailServer:
    """The mail server of the local stack.

    Args:
        folder: Where its Maildir and log file are.
        port: Port for clients.
        inherit: Descriptors that the process keeps open.
    """

    def __init__(self, folder: Folder, *, port: int, inherit: Sequence[int]) -> None:
        self._folder = folder
        self._port = port
        self._inherit = inherit
        self.process: child.Child | None = None

    @property
    def smtp_url(self) -> str:
        """The address for clients."""
        return f"smtp://{HOST}:{self._port}"

    def start(self) -> None:
        """Start the process."""
        options = ["--port", str(self._port), "--maildir", str(self._folder.mail)]
        self.process = child.start(
            "mail",
            [sys.executable, "-m", "deploy.local.mail_server", *options],
            log=self._folder.log("mail"),
            inherit=self._inherit,
        )

    def wait_until_ready(self) -> None:
        """Wait until it greets a client.

        Raises:
            ChildDied, NotReady: when it doesn't.
        """
        assert self.process is not None
        self.process.wait_until(self._answers, timeout=_READY_TIMEOUT)

    def _answers(self) -> bool:
        try:
            with smtplib.SMTP(HOST, self._port, timeout=2) as client:
                return client.noop()[0] == _SMTP_OK
        except (OSError, smtplib.SMTPException):
            return False


class Maildir:
    """Takes mails from aiosmtpd and files them, with the envelope in two header lines.

    Not synchronised to disk: a mail survives the end of this process, not of the machine.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        for name in _MAILDIR:
            (folder / name).mkdir(parents=True, exist_ok=True)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: object, _session: object, envelope: object
    ) -> str:
        """Store one mail; answers only when the file is there."""
        sender: str = getattr(envelope, "mail_from", "")
        recipients: list[str] = getattr(envelope, "rcpt_tos", [])
        content: bytes = getattr(envelope, "content", b"")
        header = f"Return-Path: <{sender}>\r\nDelivered-To: {', '.join(recipients)}\r\n"
        name = f"{time.time_ns()}.{os.getpid()}_{next(self._numbers)}.local"
        draft = self._folder / "tmp" / name
        draft.write_bytes(header.encode() + content)
        draft.rename(self._folder / "new" / name)
        return "250 OK"


async def serve(port: int, maildir: Path) -> None:
    """Listen until SIGTERM or SIGINT."""
    from aiosmtpd.smtp import SMTP

    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    protocol = partial(
        SMTP, Maildir(maildir), enable_SMTPUTF8=True, hostname="localhost", loop=loop
    )
    server = await loop.create_server(protocol, HOST, port)
    await stop.wait()
    server.close()


@click.command()
@click.option("--port", type=int, required=True, help="Port to listen on.")
@click.option("--maildir", type=click.Path(path_type=Path), required=True, help="Where to store.")
def main(port: int, maildir: Path) -> None:
    """Store every mail as a file and send none on."""
    uvloop.run(serve(port, maildir))


if __name__ == "__main__":
    main()
