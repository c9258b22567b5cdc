"""What tests of the spine share: a consumer that writes down what it applies, and events for it."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from inspect import iscoroutine
from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import CommitFailedError
from aiokafka.structs import OffsetAndMetadata

from shared.configuration.places import SERVICES
from shared.dead_letters.store import Filter, find
from shared.events.catalogue.case import ApplicationReceived
from shared.events.event import Event, encode, new_event
from shared.events.kafka_binding import KafkaMessage, to_kafka
from shared.events.registry import Topic
from shared.events.vocabulary import IntakeChannel
from shared.kafka.brokers import Brokers
from shared.kafka.consumer import Consumer
from shared.kafka.progress import watch_progress
from shared.kafka.subscription import keep_reading, subscribe
from shared.kafka.topics import declared_topics
from shared.postgres import outbox
from shared.postgres.migrations import migrate
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction
from tests.patience import PATIENCE

TOPIC = Topic.CASE_EVENTS.value
MAX_DEAD_LETTERS = 5
CLI = (sys.executable, "-m", "deploy.command_line")
ENTER = """
    INSERT INTO ledger (source, id, type, subject, sequence, fingerprint, outbox_id)
    VALUES ($1, $2, $3, $4, $5, sha256(''), 0)
"""
_numbers = count()


class Refused(Exception):
    """A handler says no to an event."""


@dataclass(frozen=True)
class Spine:
    """Addresses and connections of one service's schema."""

    kafka: str
    database_url: str
    pool: Pool

    @property
    def brokers(self) -> Brokers:
        return Brokers(self.kafka)


@dataclass
class Register:
    """A handler that writes down what it applies, in the database, and refuses some events."""

    applied: list[Event] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    interrupt: Callable[[Transaction], None] | None = None

    async def __call__(self, events: Sequence[Event], tx: Transaction) -> None:
        for event in events:
            if event.id in self.refused:
                raise Refused(event.id)
        if self.interrupt is not None:
            await tx.connection.execute("SELECT pg_sleep(0)")
            self.interrupt(tx)
            await tx.connection.execute("SELECT 1")
        await tx.connection.executemany(
            "INSERT INTO effect (id, subject) VALUES ($1, $2)",
            [(event.id, event.subject) for event in events],
        )
        tx.publish_all(
            new_event("urn:gleichfall:test", event.subject, event.data, time=event.time)
            for event in events
        )
        self.applied += events

    def sequences(self, subject: str) -> list[int]:
        return [event.sequence for event in self.applied if event.subject == subject]


def new_case() -> str:
    return f"case-{next(_numbers):026d}".translate(str.maketrans("0189", "bcde"))


def application(subject: str, sequence: int = 0) -> Event:
    facts = ApplicationReceived(channel=IntakeChannel.ONLINE, service_key="permit", unit="unit-1")
    event = new_event("urn:gleichfall:test", subject, facts, time=datetime.now(UTC))
    return event._replace(sequence=sequence)


def message(subject: str, sequence: int) -> KafkaMessage:
    return to_kafka(encode(application(subject, sequence)))


@contextlib.asynccontextmanager
async def consuming(
    spine: Spine,
    handler: Register,
    group: str = "",
    *,
    instance: str | None = None,
    clients: list[AIOKafkaConsumer] | None = None,
) -> AsyncIterator[Consumer]:
    consumer = Consumer(
        group or f"test-{uuid4()}",
        spine.pool,
        {TOPIC: handler},
        committed=lambda: None,
        max_dead_letters=MAX_DEAD_LETTERS,
    )

    async def watch(kafka: AIOKafkaConsumer) -> None:
        if clients is not None:
            clients.append(kafka)
        await watch_progress(kafka, consumer.applied, lambda: None)

    reading = asyncio.create_task(
        keep_reading(lambda: subscribe(spine.brokers, [TOPIC], consumer, instance=instance), watch)
    )
    try:
        yield consumer
    finally:
        reading.cancel()
        await asyncio.wait([reading])


async def send(spine: Spine, *messages: KafkaMessage) -> None:
    async with AIOKafkaProducer(bootstrap_servers=spine.kafka) as producer:
        for one in messages:
            await producer.send_and_wait(TOPIC, one.value, key=one.key, headers=list(one.headers))


async def until(condition: Callable[[], bool | Awaitable[bool]], limit: float = PATIENCE) -> None:
    """Wait for what only a look can tell."""
    async with asyncio.timeout(limit):
        while True:
            began = time.process_time()
            met = condition()
            if await met if isinstance(met, Awaitable) else met:
                return
            # A dear look leaves the machine to what is waited for.
            await asyncio.sleep(max(0.05, 4 * (time.process_time() - began)))


async def gleichfall(environment: dict[str, str], *words: str) -> tuple[int, str, str]:
    """Run a command as a process of its own; give how it left, what it printed and what it told."""
    process = await asyncio.create_subprocess_exec(
        *CLI,
        *words,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def fresh_schemas(database_url: str, secrets: Path) -> None:
    """Make all services' schemas anew: whatever earlier tests left in them is gone."""
    owner = await asyncpg.connect(database_url)
    for name in SERVICES:
        await owner.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
    await owner.close()
    await migrate(database_url, secrets)


async def begin_behind(
    servers: str, group: str, partitions: Sequence[TopicPartition], beyond: int = 0
) -> None:
    """Let a group begin behind all there is, once those who were killed count as gone from it."""
    async with (
        asyncio.timeout(PATIENCE),
        AIOKafkaConsumer(
            bootstrap_servers=servers, group_id=group, enable_auto_commit=False
        ) as consumer,
    ):
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        offsets = {at: OffsetAndMetadata(end + beyond, "") for at, end in ends.items()}
        while True:
            try:
                await consumer.commit(offsets)
            except CommitFailedError:
                await asyncio.sleep(0.5)
            else:
                return


async def empty_topics(servers: str) -> None:
    """Remove what earlier tests published: a new group would read all of their poison."""
    partitions = [
        TopicPartition(name, number)
        for name, settings in declared_topics().items()
        for number in range(settings.partitions)
    ]
    async with AIOKafkaConsumer(bootstrap_servers=servers) as consumer:
        ends = await consumer.end_offsets(partitions)
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    await admin.delete_records({at: RecordsToDelete(end) for at, end in ends.items() if end})
    await admin.close()


def client_routines() -> list[str]:
    """Name the routines that aiokafka runs in this process."""
    coroutines = [task.get_coro() for task in asyncio.all_tasks()]
    codes = [one.cr_code for one in coroutines if iscoroutine(one)]
    return [code.co_qualname for code in codes if "aiokafka" in code.co_filename]


async def dead_letters(spine: Spine, subject: str) -> list[asyncpg.Record]:
    return await spine.pool.fetch(
        'SELECT * FROM dead_letter WHERE key = $1 ORDER BY "offset"', subject.encode()
    )


async def parked(spine: Spine, subject: str) -> list[int]:
    rows = await spine.pool.fetch(
        "SELECT sequence FROM parked WHERE subject = $1 ORDER BY sequence", subject
    )
    return [row["sequence"] for row in rows]


async def parked_are(spine: Spine, subject: str, sequences: list[int]) -> bool:
    return await parked(spine, subject) == sequences


async def outbox_is_empty(spine: Spine) -> bool:
    return not await spine.pool.fetchval("SELECT count(*) FROM outbox")


@dataclass(frozen=True)
class System:
    """Intake, which publishes, and two services that consume; `operator` sees all of them."""

    intake: Spine
    controlling: Spine
    notify: Spine
    database_url: str
    operator: asyncpg.Connection

    async def publish(self, case: str, count: int, spoil: Sequence[int] = ()) -> list[Event]:
        """Publish events of a case as intake does; the bodies of some are broken on the way."""
        async with self.intake.pool.acquire() as connection, connection.transaction():
            events = await outbox.append(connection, [application(case) for _ in range(count)])
            await connection.executemany(
                ENTER, [(one.source, one.id, one.type.name, case, one.sequence) for one in events]
            )
            for sequence in spoil:
                await connection.execute(
                    "UPDATE outbox SET value = '{' WHERE key = $1 AND headers LIKE $2",
                    case.encode(),
                    f'%"ce_sequence","{sequence}"%'.encode(),
                )
        return events

    async def letters(self, case: str) -> dict[str, UUID]:
        """Give the dead letters of a case by service."""
        found = await find(self.operator, Filter(subject=case))
        return {letter.service: letter.id for letter in found}

    async def call(self, *arguments: str, exit_code: int = 0) -> str:
        """Run a command as a process of its own; give what it prints."""
        process = await asyncio.create_subprocess_exec(
            *CLI, *arguments, stdout=asyncio.subprocess.PIPE, env=self.environment
        )
        told, _ = await process.communicate()
        assert process.returncode == exit_code
        return told.decode()

    @property
    def environment(self) -> dict[str, str]:
        """What a command needs to find the system."""
        return {
            "DATABASE_URL": self.database_url,
            "KAFKA_BOOTSTRAP_SERVERS": self.intake.kafka,
            "COLUMNS": "200",
        }
