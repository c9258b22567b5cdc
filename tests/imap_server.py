"""A real IMAP server (pymap) for tests, with one mailbox that begins empty."""

import asyncio
import imaplib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from socket import socket

from tests.patience import PATIENCE

# It would hash a password half a million times at each sign-in, for half a second.
_PYMAP = """
from functools import partial
from pymap import config, main
config.BuiltinHash = partial(config.BuiltinHash, rounds=1)
main.main()
"""
_USER, _PASSWORD = "demouser", "demopass"


@dataclass(frozen=True)
class ImapServer:
    """Where it is, and what lies in its mailbox."""

    port: int

    @property
    def url(self) -> str:
        return f"imap://{_USER}:{_PASSWORD}@127.0.0.1:{self.port}/INBOX"

    def deliver(self, *mails: bytes) -> None:
        with self._client() as client:
            for mail in mails:
                assert client.append("INBOX", None, None, mail)[0] == "OK"

    def count(self, criterion: str) -> int:
        """How many mails there are, as IMAP's SEARCH knows them: UNSEEN, FLAGGED, ALL."""
        with self._client() as client:
            client.select("INBOX")
            _, [found] = client.search(None, criterion)
            return len(found.split())

    def _client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        client.login(_USER, _PASSWORD)
        return client


@asynccontextmanager
async def imap_server(port: int | None = None) -> AsyncIterator[ImapServer]:
    """Start a server, on a free port unless one is given; its mails end with it."""
    if port is None:
        with socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    command = ["--host", "127.0.0.1", "--port", str(port), "--no-service", "admin", "dict"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PYMAP, *command, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(PATIENCE):
            while not _answers(port):
                await asyncio.sleep(0.1)
        yield ImapServer(port)
    finally:
        process.kill()
        await process.wait()


def _answers(port: int) -> bool:
    try:
        imaplib.IMAP4("127.0.0.1", port, timeout=2).logout()
    except OSError:
        return False
    return True
