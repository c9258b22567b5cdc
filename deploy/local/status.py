"""What runs, whether it can work, and how far each service has come."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import httpx
from aiokafka import TopicPartition

from deploy.local import store
from deploy.local.loopback import PLAIN
from deploy.local.services import is_service
from deploy.standing.processes import PATIENCE, Process, ask
from deploy.standing.reads import READS
from services.controlling.periods.deadlines import awaits_witness
from services.notify.gauges import store as messages
from services.notify.gauges.store import Far
from shared.configuration.places import SERVICES
from shared.events.registry import Topic
from shared.kafka.brokers import Brokers
from shared.kafka.clients import administering, reading_offsets
from shared.kafka.topics import declared_topics
from shared.postgres.pool import enter_schema, reaching


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a service is, all its processes together.

    Attributes:
        service: Whose.
        outbox: Events that wait for Kafka.
        parked: Events that wait for an earlier one of their case.
        dead_letters: Records given up on.
        held: Items that one of its loops failed on and passes over.
        lag: Records in Kafka that it has not processed yet.
        counts: What it has done, by kind.
    """

    service: str
    outbox: int
    parked: int
    dead_letters: int
    held: int
    lag: int
    counts: Mapping[str, int]


async def processes(addresses: Mapping[str, str]) -> list[Process]:
    """Ask every service process among the addresses whether it is ready."""
    found = {name: url for name, url in addresses.items() if is_service(name)}
    async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False, verify=PLAIN) as client:
        return await ask(client, found)


async def progress(database_url: str, brokers: Brokers) -> list[Progress]:
    """Ask the database and the broker how far each service is.

    Raises:
        DatabaseUnreachable, KafkaUnreachable: one of them doesn't answer.
        KafkaRefuses, RightsMissing: Kafka doesn't let us look.
    """
    lags = await consumer_lags(brokers, READS)
    async with _connected(database_url) as connection:
        backlogs = await store.backlogs(connection)
        counts = await store.counts(connection)
    return [
        Progress(
            name,
            backlogs[name]["outbox"],
            backlogs[name]["parked"],
            backlogs[name]["dead_letters"],
            backlogs[name]["held"],
            lags[name],
            {row["what"]: row["amount"] for row in counts if row["service"] == name},
        )
        for name in SERVICES
    ]


async def unwitnessed(database_url: str, now: datetime) -> dict[str, datetime]:
    """Give the periods to come that can still be witnessed, each with until when.

    Raises:
        DatabaseUnreachable: it doesn't answer.
    """
    async with _connected(database_url) as connection:
        rows = await store.unwitnessed(connection)
    found = {row["key"]: awaits_witness(row["first_day"], None, now) for row in rows}
    return {key: until for key, until in found.items() if until is not None}


def unlisted_keys(progress: Sequence[Progress]) -> int:
    """Count the keys in events that no list has, which is work for operators."""
    return sum(one.counts.get("unlisted_keys", 0) for one in progress)


async def far(database_url: str) -> Far:
    """Find messages that wait longer than anything is planned ahead, or were planned in the future.

    Raises:
        DatabaseUnreachable: it doesn't answer.
    """
    async with _connected(database_url) as connection, connection.transaction():
        await enter_schema(connection, "notify")
        return await messages.far(connection)


def document(
    addresses: Mapping[str, str],
    processes: Sequence[Process],
    progress: Sequence[Progress],
    unwitnessed: Mapping[str, datetime],
    far: Far,
) -> dict[str, object]:
    """Give all of it as one JSON object."""
    return {
        "ready": all(process.ready for process in processes),
        "addresses": dict(addresses),
        "missing": {process.name: process.missing for process in processes},
        "services": {
            one.service: {
                "outbox": one.outbox,
                "parked": one.parked,
                "dead_letters": one.dead_letters,
                "held": one.held,
                "lag": one.lag,
                "counts": dict(one.counts),
            }
            for one in progress
        },
        "unwitnessed": {key: until.isoformat() for key, until in unwitnessed.items()},
        "far": {
            "messages": far.messages,
            "latest": far.latest and far.latest.isoformat(),
            "case": far.case_ref,
        },
    }


async def consumer_lags(brokers: Brokers, reads: Mapping[str, Iterable[Topic]]) -> dict[str, int]:
    """Count the records between what each group has committed and the ends of its topics.

    Args:
        brokers: Where Kafka is.
        reads: The topics of each group. Where it has committed nothing yet, all records wait.

    Raises:
        KafkaRefuses, RightsMissing, KafkaUnreachable: we can't look.
    """
    declared = declared_topics()
    lags = {}
    async with administering(brokers) as admin, reading_offsets(brokers) as consumer:
        for group, topics in reads.items():
            partitions = [
                TopicPartition(topic.value, number)
                for topic in topics
                for number in range(declared[topic].partitions)
            ]
            committed = await admin.list_consumer_group_offsets(group) if partitions else {}
            reached = await consumer.beginning_offsets(partitions)
            reached |= {at: done.offset for at, done in committed.items() if at in reached}
            ends = await consumer.end_offsets(partitions)
            lags[group] = sum(ends.values()) - sum(reached.values())
    return lags


@asynccontextmanager
async def _connected(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    with reaching(database_url):
        connection = await asyncpg.connect(database_url, timeout=5)
    try:
        yield connection
    finally:
        await connection.close()
