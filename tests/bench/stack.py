"""What the benchmarks run on: a stack of their own, events of a realistic size, the contestants.

Each contestant runs in a process of its own; CPU is that process's own, without Kafka's and
PostgreSQL's.
"""

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import time
import uuid
from base64 import b32encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import psutil
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from deploy.local.infrastructure import Addresses
from deploy.local.ports import allot
from deploy.secrets.files import create_missing
from shared.events.catalogue.case import DecisionMade
from shared.events.envelope import BATCH_JSON
from shared.events.event import Event, encode
from shared.events.json_format import to_document
from shared.events.kafka_binding import to_kafka
from shared.events.vocabulary import Direction
from shared.kafka.topics import apply_topics, declared_topics
from shared.postgres import outbox
from shared.postgres.migrations import migrate
from shared.postgres.pool import service_url
from shared.security.secrets import SecretName, SecretStore
from tests.bench.contestants import ROOT, TOPIC, Race, peak_mib

HOME = ROOT / ".local" / "bench"
TABLES = {
    "intake": "outbox, stream_head, ledger",
    "controlling": (
        "inbox, parked, dead_letter, outbox, stream_head, candidate, draw, decision, period, "
        "waiting_case, early_cause, law_change, arrival, uncompared, unchained, register_block, "
        "register_head, head_stamp, register_gap, twin_case, twin_round, lot_result, review, "
        "case_event, service_fact, service_figure, service_alarm, process_due, process_day, "
        "told_month"
    ),
}
BATCH = 1_000
SENDERS = 4
SENT_RUNS = 1_000
"""From here on the runs are numbered whose decisions come over HTTP."""
Figures = dict[str, float]
Servers = Mapping[str, psutil.Process]
"""Kafka and PostgreSQL by name."""


def opaque(kind: str, name: object) -> str:
    digest = hashlib.sha256(f"{kind}{name}".encode()).digest()[:16]
    return f"{kind}-{b32encode(digest).decode().rstrip('=').lower()}"


def decision(number: int, cases: int, run: int = 0) -> Event:
    """One decision of a realistic size; `cases` cases in turn, numbered without gap.

    Each run has decisions and cases of its own.
    """
    types = ("AufenthG-16b", "AufenthG-18b", "AufenthG-25(5)", "AufenthG-28(1)", "AufenthG-9")
    data = DecisionMade(
        decision_id=opaque("decision", f"{run}-{number}"),
        type_code=types[number % len(types)],
        legal_basis="§ 18b AufenthG",
        direction=Direction.ADVERSE if number % 6 == 0 else Direction.FAVOURABLE,
        unit=f"unit-{number % 4 + 1}",
        decider=opaque("decider", number % 37),
        discretion_exercised=True,
        reasons_given=True,
        remedy_instruction="rb-widerspruch-1",
        features={"family": number % 2 == 0, "years-of-stay": number % 9, "purpose": "study"},
        dataref=f"{number % 10_000_000}",
    )
    at = datetime(2026, 5, 4, 8, tzinfo=UTC) + timedelta(seconds=number % 1_000_000)
    source, case = "urn:gleichfall:example", opaque("case", f"{run}-{number % cases}")
    return Event(f"bench-{run}-{number}", source, case, at, data, number // cases + 1)


def start(name: str, race: Race) -> subprocess.Popen[str]:
    """A contestant in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.bench.contestants", name, json.dumps(asdict(race))],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


class Bench:
    """The stack of one run, and how each part is measured on it."""

    def __init__(self, addresses: Addresses, secrets: Path, events: int, servers: Servers) -> None:
        self.addresses = addresses
        self.servers = servers
        self.secrets = secrets
        self.events = events
        self.cases = max(1, events // 4)

    def prepare(self) -> None:
        create_missing(self.secrets)
        asyncio.run(migrate(self.addresses.database_url, self.secrets))
        asyncio.run(apply_topics(self.addresses.brokers))

    def in_database(self, name: str) -> "Bench":
        """The same bench in a database of its own, made now; Kafka is shared."""
        url = urlsplit(self.addresses.database_url)._replace(path=f"/{name}").geturl()
        bench = Bench(
            replace(self.addresses, database_url=url), self.secrets, self.events, self.servers
        )
        asyncio.run(self._execute(f"CREATE DATABASE {name}"))
        bench.prepare()
        return bench

    def measure(self, name: str) -> Figures:
        if name == "intake":
            self.clear("intake")
            return self._intake()
        self.clear("controlling")
        if name == "relay":
            asyncio.run(self._fill_outbox())
        events = self.events // 30 if name == "naive" else self.events
        return self.contestant(name, events)

    def url(self, service: str) -> str:
        password = SecretStore(self.secrets).text(SecretName(f"{service}_database_password"))
        return service_url(self.addresses.database_url, service, password.get_secret_value())

    def clear(self, schema: str) -> None:
        """Empty a service's tables."""
        statement = f"SET search_path = {schema}; TRUNCATE {TABLES[schema]} CASCADE; CHECKPOINT"
        asyncio.run(self._execute(statement))

    async def _execute(self, statement: str) -> None:
        owner = await asyncpg.connect(self.addresses.database_url)
        await owner.execute(statement)
        await owner.close()

    async def fill_topic(self, run: int = 0) -> None:
        """Empty the topic of what relay and intake published, and put the same events into it."""
        await self.empty_topic()
        producer = AIOKafkaProducer(
            bootstrap_servers=self.addresses.kafka_bootstrap_servers,
            linger_ms=5,
            max_batch_size=262_144,
        )
        async with producer:
            sent = []
            for number in range(self.events):
                one = to_kafka(encode(decision(number, self.cases, run)))
                headers = list(one.headers)
                sent.append(await producer.send(TOPIC, one.value, key=one.key, headers=headers))
            await asyncio.gather(*sent)

    async def empty_topic(self) -> None:
        servers = self.addresses.kafka_bootstrap_servers
        admin = AIOKafkaAdminClient(bootstrap_servers=servers)
        partitions = [TopicPartition(TOPIC, n) for n in range(declared_topics()[TOPIC].partitions)]
        async with AIOKafkaConsumer(bootstrap_servers=servers) as consumer:
            ends = await consumer.end_offsets(partitions)
        await admin.start()
        await admin.delete_records({at: RecordsToDelete(end) for at, end in ends.items() if end})
        await admin.close()

    async def _fill_outbox(self) -> None:
        connection = await asyncpg.connect(
            self.url("controlling"), server_settings={"search_path": "controlling"}
        )
        for first in range(0, self.events, 5_000):
            last = min(self.events, first + 5_000)
            async with connection.transaction():
                batch = [decision(number, self.cases) for number in range(first, last)]
                await outbox.append(connection, batch)
        await connection.close()

    def race(self, name: str, events: int) -> Race:
        servers = self.addresses.kafka_bootstrap_servers
        return Race(servers, self.url("controlling"), events, f"{name}-{uuid.uuid4()}")

    def contestant(self, name: str, events: int) -> Figures:
        race = self.race(name, events)
        with start(name, race) as process:
            output, _ = process.communicate()
        if process.returncode:
            sys.exit(f"{name} failed:\n{output}")
        figures: Figures = json.loads(output.splitlines()[-1])
        return figures

    def _intake(self) -> Figures:
        """The service as it runs, its relay included, under batches over HTTP."""
        with self.intake() as (url, process):
            return asyncio.run(self.send(url, process))

    @contextmanager
    def intake(self) -> Iterator[tuple[str, psutil.Process]]:
        """The service as it runs, and its address."""
        port = str(allot(HOME / "ports.json", ["intake"], {})["intake"])
        environment = os.environ | {
            "DATABASE_URL": self.addresses.database_url,
            "KAFKA_BOOTSTRAP_SERVERS": self.addresses.kafka_bootstrap_servers,
            "NOTIFY_URL": "http://127.0.0.1:9",
            "GLEICHFALL_SECRETS_DIR": str(self.secrets),
            "INTAKE_EVENTS_PER_SECOND": "1000000",
            "INTAKE_BYTES_PER_SECOND": "1GB",
        }
        command = ["-m", "deploy.command_line", "serve", "intake", "--port", port]
        with subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment) as service:
            try:
                yield f"http://127.0.0.1:{port}", psutil.Process(service.pid)
            finally:
                service.terminate()

    def client(self, url: str) -> httpx.AsyncClient:
        """A source system's client."""
        token = SecretStore(self.secrets).text(SecretName.CLIENT_TOKEN).get_secret_value()
        headers = {"authorization": f"Bearer {token}"}
        return httpx.AsyncClient(base_url=url, headers=headers, timeout=60)

    async def _published(self) -> None:
        """Wait until all that was accepted is in Kafka: before, intake isn't done with it."""
        owner = await asyncpg.connect(self.addresses.database_url)
        while await owner.fetchval("SELECT EXISTS (SELECT FROM intake.outbox)"):
            await asyncio.sleep(0.02)
        await owner.close()

    async def send(self, url: str, service: psutil.Process) -> Figures:
        # Each body has cases of its own: else senders would wait for each other's rows.
        bodies = [
            b"[%s]"
            % b",".join(
                to_document(encode(one._replace(id=str(uuid.uuid4()), sequence=0)))
                for one in (decision(number, BATCH // 4, body) for number in range(BATCH))
            )
            for body in range(SENT_RUNS, SENT_RUNS + -(-self.events // BATCH))
        ]
        async with self.client(url) as client:
            await until_ready(client)
            began, cpu_began = time.perf_counter(), cpu(service)
            queue = iter(bodies)
            await asyncio.gather(*(_sender(client, queue) for _ in range(SENDERS)))
            await self._published()
            took, spent = time.perf_counter() - began, cpu(service) - cpu_began
        return {
            "events": self.events,
            "events_per_second": self.events / took,
            "cpu_seconds_per_1000": spent / self.events * 1000,
            "peak_mib": peak_mib(service.pid),
        }


async def _sender(client: httpx.AsyncClient, queue: Iterator[bytes]) -> None:
    for body in queue:
        answer = await client.post("/v1/events", content=body, headers={"content-type": BATCH_JSON})
        if answer.status_code != httpx.codes.ACCEPTED:
            sys.exit(f"intake answered {answer.status_code}: {answer.text[:500]}")


async def until_ready(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if (await client.get("/readyz")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


def cpu(process: psutil.Process) -> float:
    """CPU seconds of a process and its children, also of those that have ended."""
    living = sum(sum(child.cpu_times()[:2]) for child in process.children())
    return float(sum(process.cpu_times()[:4]) + living)
