"""`make bench-notify`: from an event in Kafka to a mail at a server, beside mails that are ready.

One run, one stack, one machine: the ratios mean something, the absolute figures only here. Rounds
alternate; ratios are the medians of those within each round. Parts: throughput (the whole service
beside a bare loop that hands prepared mails to the same server), lean (the same with a server that
forgets each mail), delay (at 3,000 events a minute), letters (memory while some are laid out beside
mails), scale (with 10 M past messages, beside none).
"""

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import psutil
from aiokafka import AIOKafkaProducer
from rich.console import Console

from deploy.local.infrastructure import Infrastructure
from deploy.local.ports import allot
from services.notify.contacts.registry import Registry
from services.notify.contacts.vault import Vault
from services.notify.messages.catalogue import load_messages
from services.notify.planning.expiry import Times
from services.notify.planning.finder import LateContacts
from services.notify.planning.following import FollowedParties
from shared.configuration.places import ORGANISATION
from shared.contacts.contact import Contact
from shared.contacts.handover import seal_contact
from shared.events.catalogue.case import ApplicationReceived
from shared.events.event import Event, encode
from shared.events.kafka_binding import to_kafka
from shared.events.vocabulary import Channel
from shared.organisation.calendar import Calendar
from shared.organisation.file import load_organisation
from shared.postgres.pool import open_pool
from shared.postgres.queries import load
from shared.security.key_ring import KeyRing
from shared.security.secrets import SecretName, SecretStore
from tests.bench.contestants import ROOT, TOPIC, peak_mib
from tests.bench.history import Past, fill
from tests.bench.post_office import HOST, NAME, Arrivals, Maildir, forgetful
from tests.bench.spine import judged, medians, ratio
from tests.bench.stack import HOME, Bench, Figures, cpu, opaque, until_ready

RESULT = HOME / "notify.json"
QUERIES = load(__file__)
CONNECTIONS = 8
PER_MINUTE = 3_000
MINUTES = 1
PAST = Past("notify", ("message",), {"messages": QUERIES["messages"]})
MESSAGES_PAST = 10_000_000
AT_LEAST = {
    "notify_vs_bare": 0.5,
    "lean_notify_vs_bare": 0.5,
    "within_1_s": 0.95,
    "scale_10m": 0.9,
}
AT_MOST = {"peak_mb": 250, "letters_peak_mb": 250}
LETTERS = 600
MB_PER_MIB = 1.048576
console = Console()


class Part(StrEnum):
    """What can be measured apart."""

    THROUGHPUT = "throughput"
    LEAN = "lean"
    DELAY = "delay"
    LETTERS = "letters"
    SCALE = "scale"


class Office:
    """The service on one database, before a mail server: the stack's, unless told otherwise.

    Attributes:
        mails: How many a round has.
        letters: How many letters it has beside them.
    """

    def __init__(
        self, bench: Bench, mails: int, arrivals: Arrivals | None = None, letters: int = 0
    ) -> None:
        assert bench.addresses.maildir is not None
        self.bench = bench
        self.mails = mails
        self.letters = letters
        self._arrivals = arrivals or Maildir(bench.addresses.maildir)
        self._port = allot(HOME / "ports.json", ["notify"], {})["notify"]

    async def prepare(self) -> None:
        """Register the recipients: one for each mail and letter of a round."""
        secrets = SecretStore(self.bench.secrets)
        public = secrets.key(SecretName.CONTACT_SEALING_PUBLIC_KEY).get_secret_value()
        private = secrets.key(SecretName.CONTACT_SEALING_PRIVATE_KEY).get_secret_value()
        pool = await open_pool(self.bench.url("notify"), service="notify")
        vault = Vault(KeyRing(secrets, SecretName.CONTACT_MASTER_KEY))
        late = LateContacts(load_messages(), frozenset(Channel))
        times = Times.of(Calendar.of(load_organisation(ORGANISATION)))
        followed = FollowedParties(late, times, vault)
        registry = Registry(pool, vault, private, followed.tell)
        recipients = [_contact(one) for one in range(self.mails)]
        recipients += [_contact(self.mails + one, on_paper=True) for one in range(self.letters)]
        for first in range(0, len(recipients), 1_000):
            some = recipients[first : first + 1_000]
            await registry.register([seal_contact(public, one) for one in some])
        await pool.close()

    @contextmanager
    def service(self) -> Iterator[psutil.Process]:
        """Run notify as it runs."""
        environment = os.environ | {
            "DATABASE_URL": self.bench.addresses.database_url,
            "KAFKA_BOOTSTRAP_SERVERS": self.bench.addresses.kafka_bootstrap_servers,
            "SMTP_URL": self.bench.addresses.smtp_url,
            "NOTIFY_SMTP_CONNECTIONS": str(CONNECTIONS),
            "GLEICHFALL_SECRETS_DIR": str(self.bench.secrets),
            "LOG_LEVEL": "WARNING",
        }
        if self.letters:
            environment["NOTIFY_PRINT_FOLDER"] = str(HOME / "print")
        command = ["-m", "deploy.command_line", "serve", "notify"]
        port = ["--port", str(self._port)]
        with subprocess.Popen([sys.executable, *command, *port], cwd=ROOT, env=environment) as one:
            try:
                yield psutil.Process(one.pid)
            finally:
                one.terminate()

    async def ready(self) -> None:
        async with self.bench.client(f"http://{HOST}:{self._port}") as client:
            await until_ready(client)

    async def forget(self) -> None:
        """Begin a round: no message, no event, no mail."""
        owner = await self._owner()
        await owner.execute(QUERIES["forget"])
        await owner.close()
        await self.bench.empty_topic()
        self._arrivals.forget()

    async def begun(self) -> float:
        owner = await self._owner()
        found: datetime = await owner.fetchval(QUERIES["begun"])
        await owner.close()
        return found.timestamp()

    async def _owner(self) -> asyncpg.Connection:
        url = self.bench.addresses.database_url
        return await asyncpg.connect(url, server_settings={"search_path": "notify"})

    async def arrived(self, mails: int) -> dict[str, float]:
        """Wait until so many mails are there; gives when, by recipient."""
        async with asyncio.timeout(300):
            while self._arrivals.count() < mails:
                await asyncio.sleep(0.1)
        return self._arrivals.times()

    async def printed(self) -> None:
        """Wait until all letters are in the print folder."""
        owner = await self._owner()
        async with asyncio.timeout(300):
            while await owner.fetchval(QUERIES["printed"]) < self.letters:
                await asyncio.sleep(0.5)
        await owner.close()

    def bare(self) -> Figures:
        """Hand prepared mails to the server."""
        port = urlsplit(self.bench.addresses.smtp_url).port
        numbers = map(str, (port, self.mails, CONNECTIONS))
        command = [sys.executable, "-m", "tests.bench.post_office", "hand-over", *numbers]
        told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        figures: Figures = json.loads(told.stdout)
        return figures

    async def start_up(self) -> float:
        """CPU seconds until the service is ready, with nothing to do."""
        await self.forget()
        with self.service() as process:
            await self.ready()
            return cpu(process)

    async def race(self, run: str, start_up: float) -> Figures:
        """Let the service work off a topic full of events; what its start costs isn't counted."""
        await self.forget()
        await self._publish(run)
        with self.service() as process:
            came = await self.arrived(self.mails)
            await self.ready()
            await self.printed()
            took = max(came.values()) - await self.begun()
            return {
                "events_per_second": self.mails / took,
                "cpu_seconds_per_1000": (cpu(process) - start_up) / self.mails * 1000,
                "peak_mib": peak_mib(process.pid),
            }

    async def _publish(self, run: str) -> None:
        async with self._producer() as producer:
            sent = [
                await producer.send(TOPIC, **_record(number, run))
                for number in range(self.mails + self.letters)
            ]
            await asyncio.gather(*sent)

    async def paced(self) -> tuple[list[float], float]:
        """Publish 3,000 events a minute; gives each one's delay in seconds, and peak memory."""
        await self.forget()
        total = PER_MINUTE * MINUTES
        sent: dict[str, float] = {}
        with self.service() as process:
            await self.ready()
            async with self._producer() as producer:
                began = time.monotonic()
                for number in range(total):
                    await asyncio.sleep(began + number * 60 / PER_MINUTE - time.monotonic())
                    sent[_address(number)] = time.time()
                    await producer.send(TOPIC, **_record(number, "paced"))
                came = await self.arrived(total)
            peak = peak_mib(process.pid)
        return [came[to] - at for to, at in sent.items()], peak

    def _producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=self.bench.addresses.kafka_bootstrap_servers, linger_ms=2
        )


def _address(number: int) -> str:
    return f"anna-{number}@bench.example"


def _contact(number: int, *, on_paper: bool = False) -> Contact:
    paper = {"postal_address": [NAME, f"Hauptstr. {number}", "76131 Karlsruhe"]}
    address = paper if on_paper else {"email": _address(number)}
    ref = opaque("contact", number)
    return Contact.model_validate({"contact_ref": ref, "language": "de", "name": NAME} | address)


def _record(number: int, run: str) -> dict[str, Any]:
    facts = ApplicationReceived(
        channel="online",
        service_key="permit",
        unit="unit-1",
        contact_ref=opaque("contact", number),
    )
    case = opaque("case", f"{run}-{number}")
    event = Event(
        f"bench-{run}-{number}", "urn:gleichfall:bench", case, datetime.now(UTC), facts, 1
    )
    record = to_kafka(encode(event))
    return {"value": record.value, "key": record.key, "headers": list(record.headers)}


Told = Callable[[str], None]


def throughput(office: Office, rounds: int, told: Told) -> dict[str, Any]:
    """Race the service and the bare loop."""
    found: dict[str, list[Figures]] = defaultdict(list)
    start_up = asyncio.run(office.start_up())
    for number in range(rounds):
        told(f"round {number + 1} of {rounds}: the service")
        found["notify"].append(asyncio.run(office.race(f"race{number}", start_up)))
        told(f"round {number + 1} of {rounds}: the bare loop")
        found["bare"].append(office.bare())
    peak = max(one["peak_mib"] for one in found["notify"])
    return medians(found, found) | {
        "notify_vs_bare": ratio(found, "notify", "bare"),
        "peak_mb": peak * MB_PER_MIB,
    }


def lean(office: Office, rounds: int, told: Told) -> dict[str, Any]:
    """Race them before a server that forgets each mail."""
    port = allot(HOME / "ports.json", ["smtp"], {})["smtp"]
    addresses = replace(office.bench.addresses, smtp_url=f"smtp://{HOST}:{port}")
    bench = Bench(addresses, office.bench.secrets, office.mails, {})
    with forgetful(port, HOME / "notify-stack" / "arrivals") as arrivals:
        found = throughput(Office(bench, office.mails, arrivals), rounds, told)
    return {f"lean_{name}": figures for name, figures in found.items()}


def delay(office: Office, _rounds: int, told: Told) -> dict[str, Any]:
    """Time each mail at a steady rate."""
    told(f"{PER_MINUTE:,} events a minute, for {MINUTES} minute(s)")
    delays, peak = asyncio.run(office.paced())
    cuts = statistics.quantiles(delays, n=100)
    within = [sum(one <= limit for one in delays) / len(delays) for limit in (1, 10)]
    return {
        "delay": {"p50_ms": cuts[49] * 1000, "p99_ms": cuts[98] * 1000},
        "within_1_s": within[0],
        "within_10_s": within[1],
        "delay_peak_mb": peak * MB_PER_MIB,
    }


def letters(office: Office, _rounds: int, told: Told) -> dict[str, Any]:
    """Lay out letters beside as many mails, and see how much memory that takes."""
    told(f"{LETTERS:,} letters beside as many mails")
    shutil.rmtree(HOME / "print", ignore_errors=True)
    both = Office(office.bench.in_database("letters"), LETTERS, letters=LETTERS)
    asyncio.run(both.prepare())
    found = asyncio.run(both.race("letters", asyncio.run(both.start_up())))
    return {"letters_peak_mb": found["peak_mib"] * MB_PER_MIB}


def scale(office: Office, rounds: int, told: Told) -> dict[str, Any]:
    """Race with a past, beside none: databases made alike, each first in every other round."""
    past = {}
    for name, rows in (("past_none", 0), ("past_10m", MESSAGES_PAST)):
        one = past[name] = Office(office.bench.in_database(name), office.mails)
        asyncio.run(one.prepare())
        asyncio.run(fill(one.bench.addresses.database_url, PAST, rows, told))
    found: dict[str, list[Figures]] = defaultdict(list)
    start_up = asyncio.run(office.start_up())
    for number in range(rounds):
        for name, one in sorted(past.items(), reverse=number % 2 == 1):
            told(f"round {number + 1} of {rounds}: {name}")
            found[name].append(asyncio.run(one.race(f"scale{number}", start_up)))
    return medians(found, found) | {"scale_10m": ratio(found, "past_10m", "past_none")}


PARTS = {
    Part.THROUGHPUT: throughput,
    Part.LEAN: lean,
    Part.DELAY: delay,
    Part.LETTERS: letters,
    Part.SCALE: scale,
}


def main() -> None:
    """Measure what was asked for and keep it beside what was measured before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", type=Part, default=list(Part), help=", ".join(Part))
    parser.add_argument("--mails", type=int, default=6_000, help="mails a round")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    result = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    stack = HOME / "notify-stack"
    shutil.rmtree(stack, ignore_errors=True)
    with Infrastructure(stack, environment={}) as addresses:
        office = Office(Bench(addresses, HOME / "secrets", options.mails, {}), options.mails)
        office.bench.prepare()
        asyncio.run(office.prepare())
        for part in options.parts:
            with console.status(f"{part}: starting") as status:
                told = lambda text, part=part: status.update(f"{part}: {text}")  # noqa: E731 - one line, and bound to its part
                found = PARTS[part](office, options.rounds, told)
            judged(found, AT_LEAST, AT_MOST)
            result |= found
            RESULT.write_text(json.dumps(result, indent=2) + "\n")
    console.print(f"written to {RESULT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
