"""The mail server of the benchmark, and who hands prepared mails to it: processes of their own.

    python -m tests.bench.post_office serve PORT CONTROL_PORT
    python -m tests.bench.post_office bare PORT MAILS CONNECTIONS

The server is aiosmtpd, a real one, which answers and forgets; on its control port it tells who got
a mail when. The bare mailer has its mails ready before it begins and knows no database.
"""

import asyncio
import json
import os
import signal
import ssl
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

import uvloop
from aiosmtpd.smtp import SMTP, Envelope

from services.notify.channels.answer import Answer
from services.notify.channels.mail import Mail, Sender, compose
from services.notify.channels.smtp import SmtpAddress, SmtpConnection
from services.notify.messages.catalogue import load_messages
from services.notify.messages.rendering import render
from shared.organisation.file import load_organisation
from tests.bench.contestants import ROOT, peak_mib

HOST = "127.0.0.1"
ORGANISATION = Path(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")
NAME = "Anna Müller"


class Counter:
    """Takes every mail, and notes its recipient and the time."""

    def __init__(self) -> None:
        self.arrivals: dict[str, float] = {}

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: object, _session: object, envelope: Envelope
    ) -> str:
        self.arrivals[envelope.rcpt_tos[0]] = time.time()
        return "250 OK"

    async def tell(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one question: `count`, `arrivals`, or `forget`."""
        question = (await reader.readline()).strip()
        if question == b"forget":
            self.arrivals.clear()
        told = self.arrivals if question == b"arrivals" else len(self.arrivals)
        writer.write(json.dumps(told).encode())
        writer.close()


async def serve(port: int, control: int) -> None:
    """Serve until SIGTERM."""
    loop, ended, counter = asyncio.get_running_loop(), asyncio.Event(), Counter()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    await loop.create_server(partial(SMTP, counter, hostname="localhost", loop=loop), HOST, port)
    await asyncio.start_server(counter.tell, HOST, control)
    await ended.wait()


async def ask(control: int, question: str) -> bytes:
    """Ask the server something."""
    reader, writer = await asyncio.open_connection(HOST, control)
    writer.write(f"{question}\n".encode())
    answer = await reader.read()
    writer.close()
    return answer


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


async def bare(port: int, mails: int, connections: int) -> None:
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
    what, *given = sys.argv[1:]
    if what == "serve":
        uvloop.run(serve(*map(int, given)))
    else:
        uvloop.run(bare(*map(int, given)))
