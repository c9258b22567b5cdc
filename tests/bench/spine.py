"""`make bench-spine`: how fast the spine is, beside a hand-written ceiling and a naive consumer.

One run, one stack, one machine: the ratios mean something, the absolute figures only here. Each
contestant runs in a process of its own; CPU is that process's own, without Kafka's and
PostgreSQL's. Rounds alternate, so that a slow minute of the machine hits all of them; the table
shows medians.
"""

import argparse
import asyncio
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import uuid
from base64 import b32encode
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import psutil
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from rich.console import Console
from rich.table import Table

from deploy.local.infrastructure import Addresses, Infrastructure
from deploy.local.ports import allot
from deploy.secrets.files import create_missing
from shared.events.catalogue.case import DecisionMade
from shared.events.envelope import BATCH_JSON
from shared.events.event import Event, encode
from shared.events.json_format import to_batch
from shared.events.kafka_binding import to_kafka
from shared.events.vocabulary import Direction
from shared.kafka.topics import apply_topics, declared_topics
from shared.postgres import outbox
from shared.postgres.migrations import migrate
from shared.postgres.pool import service_url
from shared.security.secrets import SecretName, SecretStore
from tests.bench.contestants import ROOT, TOPIC, Race, peak_mib

HOME = ROOT / ".local" / "bench"
RESULT = HOME / "spine.json"
CONTROLLING_TABLES = (
    "inbox, parked, dead_letter, outbox, stream_head, candidate, draw, decision, period"
)
INTAKE_TABLES = "outbox, stream_head, ledger"
BATCH = 1_000
SENDERS = 4
LIMITS = {"controlling_vs_ceiling": 0.85, "controlling_vs_naive": 30, "intake_vs_ceiling": 0.3}
MEMORY_LIMIT_MIB = 200
console = Console()
Figures = dict[str, float]


def opaque(kind: str, number: int) -> str:
    digest = hashlib.sha256(f"{kind}{number}".encode()).digest()[:16]
    return f"{kind}-{b32encode(digest).decode().rstrip('=').lower()}"


def decision(number: int, cases: int) -> Event:
    """One decision of a realistic size; `cases` cases in turn, numbered without gap."""
    types = ("AufenthG-16b", "AufenthG-18b", "AufenthG-25-5", "AufenthG-28", "AufenthG-9")
    data = DecisionMade(
        decision_id=opaque("decision", number),
        type_code=types[number % len(types)],
        legal_basis="§ 18b AufenthG",
        direction=Direction.ADVERSE if number % 6 == 0 else Direction.FAVOURABLE,
        unit=f"unit-{number % 4 + 1}",
        decider=opaque("decider", number % 37),
        discretion_exercised=number % 3 == 0,
        reasons_given=True,
        remedy_instruction="standard",
        features={"family": number % 2 == 0, "years": number % 9, "purpose": "study"},
        dataref=f"file:{number}",
    )
    at = datetime(2026, 5, 4, 8, tzinfo=UTC) + timedelta(seconds=number % 1_000_000)
    source, case = "urn:gleichfall:bench", opaque("case", number % cases)
    return Event(f"bench-{number}", source, case, at, data, number // cases + 1)


class Bench:
    """The stack of one run, and how each part is measured on it."""

    def __init__(self, addresses: Addresses, secrets: Path, events: int) -> None:
        self.addresses = addresses
        self.secrets = secrets
        self.events = events
        self.cases = max(1, events // 4)

    def prepare(self) -> None:
        create_missing(self.secrets)
        asyncio.run(migrate(self.addresses.database_url, self.secrets))
        asyncio.run(apply_topics(self.addresses.kafka_bootstrap_servers))

    def measure(self, name: str) -> Figures:
        if name == "intake":
            asyncio.run(self._clear("intake", INTAKE_TABLES))
            return self._intake()
        asyncio.run(self._clear("controlling", CONTROLLING_TABLES))
        if name == "relay":
            asyncio.run(self._fill_outbox())
        events = self.events // 30 if name == "naive" else self.events
        return self._contestant(name, events)

    def _url(self, service: str) -> str:
        password = SecretStore(self.secrets).text(SecretName(f"{service}_database_password"))
        return service_url(self.addresses.database_url, service, password.get_secret_value())

    async def _clear(self, schema: str, tables: str) -> None:
        owner = await asyncpg.connect(self.addresses.database_url)
        await owner.execute(f"SET search_path = {schema}; TRUNCATE {tables}; CHECKPOINT")
        await owner.close()

    async def fill_topic(self) -> None:
        """Empty the topic of what relay and intake published, and put the same events into it."""
        await self._empty_topic()
        producer = AIOKafkaProducer(
            bootstrap_servers=self.addresses.kafka_bootstrap_servers,
            linger_ms=5,
            max_batch_size=262_144,
        )
        async with producer:
            sent = []
            for number in range(self.events):
                one = to_kafka(encode(decision(number, self.cases)))
                headers = list(one.headers)
                sent.append(await producer.send(TOPIC, one.value, key=one.key, headers=headers))
            await asyncio.gather(*sent)

    async def _empty_topic(self) -> None:
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
            self._url("controlling"), server_settings={"search_path": "controlling"}
        )
        for first in range(0, self.events, 5_000):
            last = min(self.events, first + 5_000)
            async with connection.transaction():
                batch = [decision(number, self.cases) for number in range(first, last)]
                await outbox.append(connection, batch)
        await connection.close()

    def _contestant(self, name: str, events: int) -> Figures:
        race = Race(
            self.addresses.kafka_bootstrap_servers,
            self._url("controlling"),
            events,
            f"{name}-{uuid.uuid4()}",
        )
        command = ["-m", "tests.bench.contestants", name, json.dumps(asdict(race))]
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"{name} failed:\n{done.stdout}{done.stderr}")
        figures: Figures = json.loads(done.stdout.splitlines()[-1])
        return figures

    def _intake(self) -> Figures:
        """The service as it runs, its relay included, under batches over HTTP."""
        port = str(allot(HOME / "ports.json", ["intake"], {})["intake"])
        environment = os.environ | {
            "DATABASE_URL": self.addresses.database_url,
            "KAFKA_BOOTSTRAP_SERVERS": self.addresses.kafka_bootstrap_servers,
            "NOTIFY_URL": "http://127.0.0.1:9",
            "GLEICHFALL_SECRETS_DIR": str(self.secrets),
            "INTAKE_EVENTS_PER_SECOND": "1000000",
        }
        command = ["-m", "deploy.command_line", "serve", "intake", "--port", port]
        with subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment) as service:
            try:
                return asyncio.run(
                    self._send(f"http://127.0.0.1:{port}", psutil.Process(service.pid))
                )
            finally:
                service.terminate()

    async def _send(self, url: str, service: psutil.Process) -> Figures:
        bodies = [
            to_batch([
                encode(decision(number, self.cases)._replace(id=str(uuid.uuid4()), sequence=0))
                for number in range(first, first + BATCH)
            ])
            for first in range(0, self.events, BATCH)
        ]  # fmt: skip
        token = SecretStore(self.secrets).text(SecretName.CLIENT_TOKEN).get_secret_value()
        headers = {"authorization": f"Bearer {token}", "content-type": BATCH_JSON}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
            await _until_ready(client)
            began, cpu_began = time.perf_counter(), _cpu(service)
            queue = iter(bodies)
            await asyncio.gather(*(_sender(client, queue) for _ in range(SENDERS)))
            took, cpu = time.perf_counter() - began, _cpu(service) - cpu_began
        return {
            "events": self.events,
            "events_per_second": self.events / took,
            "cpu_seconds_per_1000": cpu / self.events * 1000,
            "peak_mib": peak_mib(service.pid),
        }


async def _sender(client: httpx.AsyncClient, queue: Iterator[bytes]) -> None:
    for body in queue:
        answer = await client.post("/v1/events", content=body)
        if answer.status_code != httpx.codes.ACCEPTED:
            sys.exit(f"intake answered {answer.status_code}: {answer.text[:500]}")


async def _until_ready(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if (await client.get("/readyz")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def medians(rounds: list[Figures]) -> Figures:
    return {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}


def ratios(rounds: dict[str, list[Figures]]) -> Figures:
    """The median of the ratios within each round, which a drift of the machine can't move."""

    def ratio(a: str, b: str) -> float:
        pairs = zip(rounds[a], rounds[b], strict=True)
        return statistics.median(
            one["events_per_second"] / other["events_per_second"] for one, other in pairs
        )

    return {
        "controlling_vs_ceiling": ratio("controlling", "ceiling"),
        "controlling_vs_naive": ratio("controlling", "naive"),
        "intake_vs_ceiling": ratio("intake", "ceiling"),
    }


def show(found: dict[str, Figures], compared: Figures) -> None:
    table = Table("", "events/s", "CPU s per 1,000", "peak MiB", box=None)
    for name, figures in found.items():
        table.add_row(
            name,
            f"{figures['events_per_second']:,.0f}",
            f"{figures['cpu_seconds_per_1000']:.3f}",
            f"{figures['peak_mib']:.0f}",
        )
    console.print(table)
    for name, value in compared.items():
        verdict = "met" if value >= LIMITS[name] else "[red]missed[/]"
        console.print(f"{name.replace('_', ' ')}: {value:.2f} (wanted {LIMITS[name]}, {verdict})")
    heaviest = max(figures["peak_mib"] for figures in found.values())
    verdict = "met" if heaviest < MEMORY_LIMIT_MIB else "[red]missed[/]"
    console.print(f"heaviest process: {heaviest:.0f} MiB (limit {MEMORY_LIMIT_MIB}, {verdict})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=60_000, help="events per contestant")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    shutil.rmtree(HOME / "stack", ignore_errors=True)
    publishers, consumers = ("relay", "intake"), ("ceiling", "controlling", "naive")
    rounds: dict[str, list[Figures]] = defaultdict(list)
    with Infrastructure(HOME / "stack", environment={}) as addresses:
        bench = Bench(addresses, HOME / "secrets", options.events)
        bench.prepare()
        for number in range(options.rounds):
            for name in (*publishers, *consumers):
                with console.status(f"round {number + 1} of {options.rounds}: {name}"):
                    if name == consumers[0]:
                        asyncio.run(bench.fill_topic())
                    rounds[name].append(bench.measure(name))
    found = {name: medians(rounds[name]) for name in (*consumers, *publishers)}
    compared = ratios(rounds)
    show(found, compared)
    RESULT.write_text(json.dumps(found | compared, indent=2) + "\n")
    console.print(f"written to {RESULT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
