"""How long an event takes from the door to its committed effect, and what the chain costs.

Beside it the raw round trip of the same payload, written by hand: a row into PostgreSQL, a record
to Kafka and back, another row into PostgreSQL. Both are measured in turn, at the same steady rate.
"""

import asyncio
import json
import statistics
import time
import uuid
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.events.envelope import STRUCTURED_JSON
from shared.events.event import encode
from shared.events.json_format import to_document
from shared.events.kafka_binding import to_kafka
from tests.bench.stack import Bench, Figures, cpu, decision, start, until_ready

PER_SECOND = 50
EVENTS = 300
WARM_UP = 100
RAW = "bench-raw"
Send = Callable[[int], Coroutine[Any, Any, None]]


async def steadily(first: int, send: Send) -> None:
    """Send at the steady rate, whether or not earlier ones have been answered."""
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(EVENTS):
            await asyncio.sleep(began + number / PER_SECOND - time.monotonic())
            group.create_task(send(first + number))


def percentiles(seconds: list[float]) -> Figures:
    """p50 and p99, in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100)
    return {"p50_ms": cuts[49] * 1000, "p99_ms": cuts[98] * 1000}


class Chain:
    """Intake and controlling as they run, and a source system."""

    def __init__(self, client: httpx.AsyncClient, cases: int) -> None:
        self._client = client
        self._cases = cases
        self.sent: dict[str, float] = {}

    async def send(self, number: int) -> None:
        id_ = str(uuid.uuid4())
        event = decision(number, self._cases, run=9)._replace(id=id_, sequence=0)
        body = to_document(encode(event))
        self.sent[id_] = time.monotonic()
        answer = await self._client.post(
            "/v1/events", content=body, headers={"content-type": STRUCTURED_JSON}
        )
        answer.raise_for_status()


class Raw:
    """The round trip by hand."""

    def __init__(self, pool: asyncpg.Pool, producer: AIOKafkaProducer, cases: int) -> None:
        self._pool = pool
        self._producer = producer
        self._cases = cases
        self.sent: dict[str, float] = {}
        self.came: dict[str, float] = {}

    async def send(self, number: int) -> None:
        id_ = str(uuid.uuid4())
        event = decision(number, self._cases, run=8)._replace(id=id_)
        message = to_kafka(encode(event))
        self.sent[id_] = time.monotonic()
        await self._pool.execute("INSERT INTO raw_sent VALUES ($1, $2)", id_, message.value)
        await self._producer.send_and_wait(
            RAW, message.value, key=message.key, headers=list(message.headers)
        )

    async def receive(self, consumer: AIOKafkaConsumer) -> None:
        async for record in consumer:
            id_ = dict(record.headers)["ce_id"].decode()
            await self._pool.execute("INSERT INTO raw_came VALUES ($1, $2)", id_, record.value)
            self.came[id_] = time.monotonic()

    async def arrived(self) -> None:
        """Wait until everything sent has come back."""
        async with asyncio.timeout(60):
            while len(self.came) < len(self.sent):
                await asyncio.sleep(0.02)


async def _open_raw(stack: AsyncExitStack, bench: Bench) -> Raw:
    servers = bench.addresses.kafka_bootstrap_servers
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    await admin.create_topics([NewTopic(RAW, num_partitions=12, replication_factor=1)])
    await admin.close()
    pool = await stack.enter_async_context(asyncpg.create_pool(bench.addresses.database_url))
    for table in ("raw_sent", "raw_came"):
        await pool.execute(f"CREATE TABLE {table} (id text PRIMARY KEY, value bytea)")
    producer = AIOKafkaProducer(bootstrap_servers=servers, acks="all", enable_idempotence=True)
    consumer = AIOKafkaConsumer(RAW, bootstrap_servers=servers, auto_offset_reset="earliest")
    await stack.enter_async_context(producer)
    await stack.enter_async_context(consumer)
    raw = Raw(pool, producer, bench.cases)
    receiving = asyncio.create_task(raw.receive(consumer))
    stack.callback(receiving.cancel)
    return raw


async def measure(bench: Bench, rounds: int, told: Callable[[str], None]) -> dict[str, Any]:
    """Both in turn; p50 and p99 of each round, their ratio within each round."""
    await bench.empty_topic()
    events = WARM_UP + rounds * EVENTS
    race = bench.race("prompt", events)
    async with AsyncExitStack() as stack:
        raw = await _open_raw(stack, bench)
        url, _ = stack.enter_context(bench.intake())
        client = await stack.enter_async_context(bench.client(url))
        process = stack.enter_context(start("prompt", race))
        assert process.stdout is not None
        await asyncio.to_thread(process.stdout.readline)
        await until_ready(client)
        chain = Chain(client, bench.cases)
        for number in range(WARM_UP):
            await chain.send(number)
            await raw.send(number)
        await raw.arrived()
        for number in range(rounds):
            told(f"latency, round {number + 1} of {rounds}")
            await steadily(WARM_UP + number * EVENTS, raw.send)
            await raw.arrived()
            await steadily(WARM_UP + number * EVENTS, chain.send)
        output = await asyncio.to_thread(process.communicate)
        committed: dict[str, float] = json.loads(output[0].splitlines()[-2])
    return {
        "chain": _by_round(chain.sent, committed, rounds),
        "raw": _by_round(raw.sent, raw.came, rounds),
    }


def _by_round(sent: dict[str, float], came: dict[str, float], rounds: int) -> list[Figures]:
    took = [came[id_] - at for id_, at in sent.items()][WARM_UP:]
    return [percentiles(took[n * EVENTS : (n + 1) * EVENTS]) for n in range(rounds)]


def cost(bench: Bench) -> Figures:
    """CPU seconds per 1,000 events of each part, while batches go from the door to the effect."""
    for schema in ("intake", "controlling"):
        bench.clear(schema)
    asyncio.run(bench.empty_topic())
    with (
        bench.intake() as (url, intake),
        start("controlling", bench.race("chain", bench.events)) as (controlling),
    ):
        before = {name: cpu(process) for name, process in bench.servers.items()}
        sent = asyncio.run(bench.send(url, intake))
        output, _ = controlling.communicate()
        spent = {name: cpu(process) - before[name] for name, process in bench.servers.items()}
    applied: Figures = json.loads(output.splitlines()[-1])
    return {
        "intake": sent["cpu_seconds_per_1000"],
        "controlling": applied["cpu_seconds_per_1000"],
        **{name: seconds / bench.events * 1000 for name, seconds in spent.items()},
    }
