"""Who hands prepared mails to the mail server, and what arrived there.

    python -m tests.bench.post_office hand-over PORT MAILS CONNECTIONS
    python -m tests.bench.post_office forget PORT FILE

The mailer is a process of its own; its mails are ready before it begins and it knows no database.
Of the two servers, the local stack's keeps each mail as a file; the other one notes when a mail
came and for whom, and forgets it, so that the server isn't what limits.
"""

import asyncio
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol
from uuid import UUID

import uvloop
from aiosmtpd.smtp import SMTP, Envelope

from services.notify.channels.email.carrier import SmtpAddress, SmtpConnection
from services.notify.channels.email.writing import Mail, compose
from services.notify.messages.catalogue import load_messages
from services.notify.messages.materials import Sender
from services.notify.messages.rendering import render
from services.notify.sending.answer import Answer
from shared.organisation.file import load_organisation
from tests.bench.contestants import ROOT, peak_mib

HOST = "127.0.0.1"
ORGANISATION = Path(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")
NAME = "Anna Müller"


class Arrivals(Protocol):
    """What arrived at a server."""

    def count(self) -> int:
        """Count the mails that are there."""

    def times(self) -> dict[str, float]:
        """Tell when each recipient's mail came."""

    def forget(self) -> None:
        """Begin anew."""


class Maildir:
    """The files of the stack's server, which names them by the time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "new"

    def count(self) -> int:
        return sum(1 for _ in os.scandir(self._folder))

    def times(self) -> dict[str, float]:
        found = {}
        for file in self._folder.iterdir():
            head = file.read_bytes()[:400].decode("ascii")
            to = head.partition("Delivered-To: ")[2].split()[0]
            found[to] = int(file.name.split(".")[0]) / 1e9
        return found

    def forget(self) -> None:
        for file in self._folder.iterdir():
            file.unlink()


class Notes:
    """A line per mail: when it came, and for whom."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def count(self) -> int:
        return self._file.read_bytes().count(b"\n")

    def times(self) -> dict[str, float]:
        lines = (line.split() for line in self._file.read_text().splitlines())
        return {to: int(at) / 1e9 for at, to in lines}

    def forget(self) -> None:
        os.truncate(self._file, 0)


class Forgetful:
    """Takes every mail for aiosmtpd, and keeps a line of it."""

    def __init__(self, file: Path) -> None:
        self._notes = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:
        os.write(self._notes, f"{time.time_ns()} {envelope.rcpt_tos[0]}\n".encode())
        return "250 OK"


async def serve(port: int, file: Path) -> None:
    """Take mails until SIGTERM."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    protocol = partial(SMTP, Forgetful(file), hostname="localhost", loop=loop)
    await loop.create_server(protocol, HOST, port)
    await ended.wait()


@contextmanager
def forgetful(port: int, file: Path) -> Iterator[Arrivals]:
    """Run the server that forgets; gives what it notes."""
    file.touch()
    command = [sys.executable, "-m", "tests.bench.post_office", "forget", str(port), str(file)]
    with subprocess.Popen(command, cwd=ROOT) as server:
        try:
            yield Notes(file)
        finally:
            server.terminate()


def prepared(mails: int) -> Iterator[Mail]:
    """Write the mails that notify would write."""
    here = load_organisation(ORGANISATION)
    kind = load_messages().by_name["application_received"]
    rendered = render(kind, "de", {}, here, NAME)
    now = datetime.now(UTC)
    sender = Sender(here.authority.name.de, here.authority.contact.email)
    for number in range(mails):
        to = f"bare-{number}@bench.example"
        yield compose(rendered, identity=UUID(int=number), sender=sender, recipient=to, dated=now)


async def hand_over_all(port: int, mails: int, connections: int) -> None:
    """Hand all mails over and print what it took."""
    address = SmtpAddress.parse(f"smtp://{HOST}:{port}")
    queue = iter(list(prepared(mails)))
    tls = ssl.create_default_context()
    ways = [SmtpConnection(address, tls) for _ in range(connections)]
    for way in ways:
        await way.open()

    async def hand_over(way: SmtpConnection) -> None:
        for mail in queue:
            assert await way.send(mail) is Answer.ACCEPTED

    began, cpu_began = time.perf_counter(), time.process_time()
    await asyncio.gather(*map(hand_over, ways))
    took, spent = time.perf_counter() - began, time.process_time() - cpu_began
    for way in ways:
        await way.close()
    figures = {
        "events_per_second": mails / took,
        "cpu_seconds_per_1000": spent / mails * 1000,
        "peak_mib": peak_mib(os.getpid()),
    }
    sys.stdout.write(f"{json.dumps(figures)}\n")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["forget", port, file]:
            uvloop.run(serve(int(port), Path(file)))
        case ["hand-over", *numbers]:
            uvloop.run(hand_over_all(*map(int, numbers)))
