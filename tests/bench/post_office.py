"""Who hands prepared mails to the mail server, and what arrived there.

    python -m tests.bench.post_office PORT MAILS CONNECTIONS

The mailer is a process of its own; its mails are ready before it begins and it knows no database.
The server is the local stack's: a real one, which keeps each mail as a file.
"""

import asyncio
import json
import os
import ssl
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import uvloop

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


def count(maildir: Path) -> int:
    """Count the mails that are there."""
    return sum(1 for _ in os.scandir(maildir / "new"))


def arrivals(maildir: Path) -> dict[str, float]:
    """Tell when each recipient's mail came: the server names its files by the time."""
    found = {}
    for file in (maildir / "new").iterdir():
        head = file.read_bytes()[:400].decode("ascii")
        found[head.partition("Delivered-To: ")[2].split()[0]] = int(file.name.split(".")[0]) / 1e9
    return found


def forget(maildir: Path) -> None:
    """Throw all mails away."""
    for file in (maildir / "new").iterdir():
        file.unlink()


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


async def main(port: int, mails: int, connections: int) -> None:
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
    uvloop.run(main(*map(int, sys.argv[1:])))
