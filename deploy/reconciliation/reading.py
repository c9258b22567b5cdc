"""The looks at the running system: two at its databases, one at Kafka.

The first look notes what was not applied, in one snapshot. Then every consumer is given time to
read what Kafka held at that moment. What nothing accounts for at the second look is missing,
however busy the system is.
Then the topics are read to where they ended before the first look: of all that is in there, intake
must know.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import asyncpg
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

import shared.events.catalogue  # noqa: F401 - fills the registry
from deploy.reconciliation import topic as kafka
from deploy.reconciliation.places import Balance, Place, Sighting, Surplus, balance, fate
from deploy.reconciliation.store import QUERIES
from deploy.reconciliation.strays import Name, Named, Stray, Unknown, named
from deploy.reconciliation.topic import Extent, Overrun, Show, partitions
from shared.events.registry import CATALOGUE, Topic
from shared.kafka.brokers import Brokers
from shared.kafka.burying import identity
from shared.kafka.clients import administering, reading_offsets
from shared.kafka.records import Received, Record, read
from shared.postgres.pool import operator_connection

READS = (
    ("controlling", Topic.CASE_EVENTS),
    ("controlling", Topic.OFFICE_EVENTS),
    ("notify", Topic.CASE_EVENTS),
)
"""Who applies every event of which topic of intake; the name of the service is its group."""
CONSUMERS = tuple(dict.fromkeys(service for service, _ in READS))

TYPES = {
    topic: [name for name, entry in CATALOGUE.items() if entry.topic is topic]
    for topic in kafka.TOPICS
}
_LOOK = timedelta(milliseconds=500)


@dataclass(frozen=True, slots=True)
class Found:
    """What the looks have found: by consumer and topic, in Kafka alone, beyond Kafka's ends."""

    balances: Sequence[Balance]
    unknown: Sequence[Unknown]
    overruns: Sequence[Overrun]

    @property
    def holds(self) -> bool:
        """Whether everything is accounted for."""
        return all(one.holds for one in self.balances) and not self.unknown and not self.overruns


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What one consumer had at the first look; `unapplied` says of each place if Kafka had it."""

    at: datetime
    accepted: int
    discarded: int
    unapplied: Mapping[Place, bool]
    surplus: Sequence[Surplus]


async def reconcile(database_url: str, brokers: Brokers, patience: timedelta, show: Show) -> Found:
    """Compare intake's ledger with what each consumer applied, and with what is in Kafka.

    Args:
        database_url: The operator's.
        brokers: Where Kafka is.
        patience: How long consumers may take to read what is there.
        show: Told how far reading Kafka is.

    Raises:
        DatabaseUnreachable, KafkaUnreachable: one of them doesn't answer.
        KafkaRefuses, RightsMissing: Kafka doesn't let us look.
    """
    within = await kafka.extent(brokers, CONSUMERS)
    async with operator_connection(database_url) as connection:
        balances = await balanced(connection, brokers, patience)
        unknown = await strangers(connection, brokers, within, show)
    return Found(balances, unknown, within.overruns)


async def balanced(
    connection: asyncpg.Connection, brokers: Brokers, patience: timedelta
) -> list[Balance]:
    """Compare intake's ledger with what each consumer applied."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        first = {reads: await _first_look(connection, *reads) for reads in READS}
    behind = await _behind(brokers, patience)
    return [
        await _second_look(connection, *reads, look, behind=reads in behind)
        for reads, look in first.items()
    ]


async def strangers(
    connection: asyncpg.Connection, brokers: Brokers, within: Extent, show: Show
) -> list[Unknown]:
    """Give what is in Kafka and not in intake's ledger, by topic and subject."""
    strays: dict[tuple[Topic, str], dict[tuple[int, Name], Stray]] = defaultdict(dict)
    numbered: dict[tuple[Topic, str], int] = {}
    async for batch in kafka.records(brokers, within, show):
        for one in await _unknown(connection, batch):
            record, place, name = one.said
            subject = Topic(record.topic), place.subject
            found = None if one.elsewhere else read(record)
            event = found.event if isinstance(found, Received) else None
            # Kafka may hold an event twice; it is one all the same.
            strays[subject].setdefault((place.sequence, name), Stray(place.sequence, name, event))
            numbered[subject] = one.numbered
    return [
        Unknown(topic, subject, numbered[topic, subject], sorted(found.values(), key=_sequence))
        for (topic, subject), found in sorted(strays.items())
    ]


def _sequence(stray: Stray) -> int:
    return stray.sequence


class _Hit(NamedTuple):
    """What the ledger doesn't have, how far its subject is numbered, and if it is elsewhere."""

    said: Named
    numbered: int
    elsewhere: bool

    @property
    def given_out(self) -> bool:
        """Whether intake has given its number to something."""
        return self.said.place.sequence <= self.numbered


async def _unknown(connection: asyncpg.Connection, batch: Sequence[Record]) -> list[_Hit]:
    said = [one for record in batch if (one := named(record)) is not None]
    rows = await connection.fetch(
        QUERIES["unknown"],
        [one.record.topic for one in said],
        [one.place.subject for one in said],
        [one.place.sequence for one in said],
        [one.name[0] for one in said],
        [one.name[1] for one in said],
    )
    if not rows:
        return []
    hits = [_Hit(said[position - 1], *found) for position, *found in rows]
    given_up = await connection.fetch(
        QUERIES["given_up"],
        [identity(one.said.record) for one in hits],
        [one.said.record.topic for one in hits],
        [one.said.place.subject for one in hits],
        [one.said.place.sequence for one in hits],
        [one.given_out for one in hits],
    )
    accounted = {position - 1 for (position,) in given_up}
    return [one for position, one in enumerate(hits) if position not in accounted]


async def _first_look(connection: asyncpg.Connection, service: str, topic: Topic) -> FirstLook:
    await connection.execute(QUERIES["enter_schema"], service)
    totals = await connection.fetchrow(QUERIES["totals"], topic, TYPES[topic])
    assert totals is not None  # a row of sub-selects is always there
    unapplied = await connection.fetch(QUERIES["unapplied"], topic, TYPES[topic])
    surplus = await connection.fetch(QUERIES["surplus"], topic, TYPES[topic])
    return FirstLook(
        totals["at"],
        totals["accepted"],
        totals["discarded"],
        {Place(subject, sequence): published for subject, sequence, published in unapplied},
        [Surplus(*row) for row in surplus],
    )


async def _second_look(
    connection: asyncpg.Connection, service: str, topic: Topic, look: FirstLook, *, behind: bool
) -> Balance:
    async with connection.transaction():
        await connection.execute(QUERIES["enter_schema"], service)
        rows = await connection.fetch(
            QUERIES["fates"],
            topic,
            [place.subject for place in look.unapplied],
            [place.sequence for place in look.unapplied],
            look.at,
        )
    fates = {}
    for subject, sequence, *seen in rows:
        place = Place(subject, sequence)
        fates[place] = fate(Sighting(*seen), published=look.unapplied[place], behind=behind)
    return balance(service, topic, look.accepted, look.discarded, fates, surplus=look.surplus)


async def _behind(brokers: Brokers, patience: timedelta) -> set[tuple[str, Topic]]:
    """Wait until the consumers have read what is in Kafka now; give those that have not."""
    every = partitions(*kafka.TOPICS)
    async with administering(brokers) as admin, reading_offsets(brokers) as consumer:
        begins = await consumer.beginning_offsets(every)
        ends = await consumer.end_offsets(every)
        deadline = time.monotonic() + patience.total_seconds()
        waiting = set(READS)
        while True:
            reached = {one: await _reached(admin, one, begins) for one in CONSUMERS}
            waiting = {
                (service, topic)
                for service, topic in waiting
                if any(reached[service][at] < ends[at] for at in partitions(topic))
            }
            if not waiting or time.monotonic() > deadline:
                return waiting
            await asyncio.sleep(_LOOK.total_seconds())


async def _reached(
    admin: AIOKafkaAdminClient, group: str, begins: Mapping[TopicPartition, int]
) -> Mapping[TopicPartition, int]:
    committed = await admin.list_consumer_group_offsets(group)
    return {at: committed[at].offset if at in committed else begin for at, begin in begins.items()}
