"""`make bench-spine`: how fast the spine is, beside a hand-written ceiling and a naive consumer.

One run, one stack, one machine: the ratios mean something, the absolute figures only here.
"""

import argparse
import asyncio
import hashlib
import json
import shutil
import statistics
import subprocess
import sys
import uuid
from base64 import b32encode
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
from aiokafka import AIOKafkaProducer
from rich.console import Console
from rich.table import Table

from deploy.local.infrastructure import Addresses, Infrastructure
from deploy.secrets.files import create_missing
from shared.events.catalogue.case import DecisionMade
from shared.events.event import Event, encode
from shared.events.kafka_binding import to_kafka
from shared.kafka.topics import apply_topics
from shared.postgres import outbox
from shared.postgres.migrations import migrate
from shared.postgres.pool import service_url
from shared.security.secrets import SecretName, SecretStore
from tests.bench.contestants import ROOT, TOPIC, Race

RESULT = ROOT / ".local" / "bench" / "spine.json"
TABLES = "inbox, parked, dead_letter, outbox, stream_head, draw, decision, period"
console = Console()


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
        direction="adverse" if number % 6 == 0 else "favourable",
        unit=f"unit-{number % 4 + 1}",
        decider=opaque("decider", number % 37),
        discretion_exercised=number % 3 == 0,
        reasons_given=True,
        remedy_instruction="standard",
        features={"family": number % 2 == 0, "years": number % 9, "purpose": "study"},
        dataref=f"file:{number}",
    )
    at = datetime(2026, 5, 4, 8, tzinfo=UTC) + timedelta(seconds=number % 1_000_000)
    return Event(
        f"bench-{number}", "urn:gleichfall:bench", opaque("case", number % cases), at, data,
        number // cases + 1,
    )  # fmt: skip


async def fill_topic(addresses: Addresses, events: int) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=addresses.kafka_bootstrap_servers, linger_ms=5, max_batch_size=262_144
    )
    async with producer:
        futures = []
        for number in range(events):
            message = to_kafka(encode(decision(number, max(1, events // 4))))
            futures.append(
                await producer.send(
                    TOPIC, message.value, key=message.key, headers=list(message.headers)
                )
            )
        await asyncio.gather(*futures)


async def clear(addresses: Addresses) -> None:
    connection = await asyncpg.connect(addresses.database_url)
    await connection.execute(f"SET search_path = controlling; TRUNCATE {TABLES}; CHECKPOINT")
    await connection.close()


async def fill_outbox(url: str, events: int) -> None:
    connection = await asyncpg.connect(url, server_settings={"search_path": "controlling"})
    for first in range(0, events, 5_000):
        batch = [decision(n, events) for n in range(first, min(events, first + 5_000))]
        async with connection.transaction():
            await outbox.append(connection, batch)
    await connection.close()


def run(name: str, race: Race) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.contestants", name, json.dumps(asdict(race))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{name} failed:\n{done.stdout}{done.stderr}")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=None)
    options = parser.parse_args()
    directory = ROOT / ".local" / "bench" / "stack"
    shutil.rmtree(directory, ignore_errors=True)
    with Infrastructure(directory, environment={}) as addresses:
        secrets = ROOT / ".local" / "bench" / "secrets"
        create_missing(secrets)
        asyncio.run(migrate(addresses.database_url, secrets))
        asyncio.run(apply_topics(addresses.kafka_bootstrap_servers))
        password = SecretStore(secrets).text(SecretName.CONTROLLING_DATABASE_PASSWORD)
        url = service_url(addresses.database_url, "controlling", password.get_secret_value())
        measure(addresses, url, options)


def measure(addresses: Addresses, url: str, options: argparse.Namespace) -> None:
    asyncio.run(fill_topic(addresses, options.events))
    names = options.only or ["ceiling", "controlling", "naive"]
    figures: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(options.rounds):
        for name in names:
            asyncio.run(clear(addresses))
            events = 2_000 if name == "naive" else options.events
            figures[name].append(run(name, Race(addresses.kafka_bootstrap_servers, url, events, f"{name}-{uuid.uuid4()}")))
            print(name, figures[name][-1])


if __name__ == "__main__":
    main()
