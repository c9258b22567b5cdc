"""The two looks at the running system.

The first look notes what was not applied, in one snapshot. Then every consumer is given time to
read what Kafka held at that moment. What nothing accounts for at the second look is missing,
however busy the system is.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

import shared.events.catalogue  # noqa: F401 - fills the registry
from deploy.reconciliation.places import Balance, Place, Sighting, Surplus, balance, fate
from shared.events.registry import CATALOGUE, Topic
from shared.kafka.brokers import Brokers
from shared.kafka.clients import administering, reading_offsets
from shared.kafka.topics import declared_topics
from shared.postgres.pool import operator_connection
from shared.postgres.queries import load

QUERIES = load(__file__)
TOPIC = Topic.CASE_EVENTS
CONSUMERS = ("controlling", "notify")
"""Who applies every event of the topic; the name of the service is its group."""

_TYPES = [name for name, entry in CATALOGUE.items() if entry.topic is TOPIC]
_LOOK = timedelta(milliseconds=500)


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What one consumer had at the first look; `unapplied` says of each place if Kafka had it."""

    at: datetime
    accepted: int
    discarded: int
    unapplied: Mapping[Place, bool]
    surplus: Sequence[Surplus]


async def reconcile(database_url: str, brokers: Brokers, patience: timedelta) -> list[Balance]:
    """Compare intake's ledger with what each consumer applied.

    Args:
        database_url: The operator's.
        brokers: Where Kafka is.
        patience: How long consumers may take to read what is there.

    Raises:
        DatabaseUnreachable, KafkaUnreachable: one of them doesn't answer.
        KafkaRefuses, RightsMissing: Kafka doesn't let us look.
    """
    async with operator_connection(database_url) as connection:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            first = {service: await _first_look(connection, service) for service in CONSUMERS}
        behind = await _behind(brokers, patience)
        return [
            await _second_look(connection, service, look, behind=service in behind)
            for service, look in first.items()
        ]


async def _first_look(connection: asyncpg.Connection, service: str) -> FirstLook:
    await connection.execute(QUERIES["enter_schema"], service)
    totals = await connection.fetchrow(QUERIES["totals"], TOPIC, _TYPES)
    assert totals is not None  # a row of sub-selects is always there
    unapplied = await connection.fetch(QUERIES["unapplied"], TOPIC, _TYPES)
    surplus = await connection.fetch(QUERIES["surplus"], TOPIC, _TYPES)
    return FirstLook(
        totals["at"],
        totals["accepted"],
        totals["discarded"],
        {Place(subject, sequence): published for subject, sequence, published in unapplied},
        [Surplus(*row) for row in surplus],
    )


async def _second_look(
    connection: asyncpg.Connection, service: str, look: FirstLook, *, behind: bool
) -> Balance:
    async with connection.transaction():
        await connection.execute(QUERIES["enter_schema"], service)
        rows = await connection.fetch(
            QUERIES["fates"],
            TOPIC,
            [place.subject for place in look.unapplied],
            [place.sequence for place in look.unapplied],
            look.at,
        )
    fates = {}
    for subject, sequence, *seen in rows:
        place = Place(subject, sequence)
        fates[place] = fate(Sighting(*seen), published=look.unapplied[place], behind=behind)
    return balance(service, look.accepted, look.discarded, fates, look.surplus)


async def _behind(brokers: Brokers, patience: timedelta) -> set[str]:
    """Wait until the consumers have read what is in Kafka now; give those that have not."""
    partitions = [
        TopicPartition(TOPIC.value, number) for number in range(declared_topics()[TOPIC].partitions)
    ]
    async with administering(brokers) as admin, reading_offsets(brokers) as consumer:
        begins = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
        deadline = time.monotonic() + patience.total_seconds()
        waiting = set(CONSUMERS)
        while True:
            waiting = {one for one in waiting if not await _has_read(admin, one, begins, ends)}
            if not waiting or time.monotonic() > deadline:
                return waiting
            await asyncio.sleep(_LOOK.total_seconds())


async def _has_read(
    admin: AIOKafkaAdminClient,
    group: str,
    begins: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
) -> bool:
    committed = await admin.list_consumer_group_offsets(group)
    reached = {
        at: committed[at].offset if at in committed else begin for at, begin in begins.items()
    }
    return all(reached[at] >= end for at, end in ends.items())
