"""The exits: the ledger takes in what Kafka alone has; what a consumer misses is sent again."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
from aiokafka import ConsumerRecord

from deploy.reconciliation import topic as kafka
from deploy.reconciliation.places import Place
from deploy.reconciliation.reading import CONSUMERS, TYPES, balanced, strangers
from deploy.reconciliation.store import QUERIES
from deploy.reconciliation.strays import Name, Picking, Unknown
from deploy.reconciliation.topic import Extent, Show
from services.controlling.audit.entry import OPERATOR, Act, Detail, Entry
from services.controlling.audit.store import write
from services.intake import store
from shared.events.event import Event
from shared.events.registry import Topic
from shared.kafka.brokers import Brokers
from shared.postgres import outbox
from shared.postgres.outbox import OutboxRecord
from shared.postgres.pool import enter_schema, operator_connection

BATCH = 500

Missed = Mapping[Topic, Mapping[Place, Name]]
"""What a consumer misses: the ledger's name of what belongs to each place."""


@dataclass(frozen=True, slots=True)
class Order:
    """Who mends, why, and whether to do it or only to say what would be done."""

    by: str
    reason: str
    dry_run: bool

    def entry(self, act: Act, topic: Topic, events: int) -> Entry:
        """Tell the audit log."""
        detail: Detail = {"by": self.by, "reason": self.reason, "events": events}
        return Entry(None, OPERATOR, act, topic.value, detail)


@dataclass(frozen=True, slots=True)
class Adopted:
    """How many events of how many subjects were taken in, and what had to be left."""

    events: int
    subjects: int
    left: Sequence[Unknown]


@dataclass(frozen=True, slots=True)
class Resent:
    """How many events were sent again, and how many of those missing are in Kafka no more."""

    events: int
    lost: int


async def adopt(database_url: str, brokers: Brokers, order: Order, show: Show) -> Adopted:
    """Take into intake's ledger what is in Kafka and unknown there, under the numbers it has.

    Some hundred subjects at a time, each time all or nothing; repeated, it finds nothing left.

    Raises:
        DatabaseUnreachable, KafkaUnreachable: one of them doesn't answer.
        KafkaRefuses, RightsMissing: Kafka doesn't let us read.
    """
    within = await kafka.extent(brokers, CONSUMERS)
    async with operator_connection(database_url) as connection:
        unknown = await strangers(connection, brokers, within, show)
        taken: set[tuple[Topic, str]] = set()
        events = 0
        for topic in kafka.TOPICS:
            mine = [one for one in unknown if one.topic is topic and one.following]
            for first in range(0, len(mine), BATCH):
                entered = await _enter(connection, topic, mine[first : first + BATCH], order)
                taken |= {(topic, event.subject) for event in entered}
                events += len(entered)
    left = [
        one
        for one in unknown
        if len(one.following) < len(one.strays) or (one.topic, one.subject) not in taken
    ]
    return Adopted(events, len(taken), left)


async def _enter(
    connection: asyncpg.Connection, topic: Topic, batch: Sequence[Unknown], order: Order
) -> Sequence[Event]:
    events = [event for one in batch for event in one.following]
    if order.dry_run:
        return events
    async with connection.transaction():
        await enter_schema(connection, "intake")
        taken = await store.adopt(
            connection, events, {(topic.value, one.subject): one.numbered for one in batch}
        )
        entered = [event for event in events if store.subject_of(event) in taken]
        await enter_schema(connection, "controlling")
        if entered:
            await write(connection, order.entry(Act.EVENTS_ADOPTED, topic, len(entered)))
    return entered


async def resend(
    database_url: str, brokers: Brokers, patience: timedelta, order: Order, show: Show
) -> Resent:
    """Send what a consumer misses again, as it stands in Kafka, through intake's outbox.

    Consumers that have it drop it as a repeat. Some hundred events at a time, each time all or
    nothing; what was sent again counts as under way.

    Raises:
        DatabaseUnreachable, KafkaUnreachable: one of them doesn't answer.
        KafkaRefuses, RightsMissing: Kafka doesn't let us read.
    """
    within = await kafka.extent(brokers, CONSUMERS)
    async with operator_connection(database_url) as connection:
        names, chosen = await picked(connection, brokers, within, patience, show)
        events = sum(map(len, chosen.values()))
        if events and not order.dry_run:
            await _send(connection, brokers, within, _Chosen(chosen, names, order), show)
    return Resent(events, sum(map(len, names.values())) - events)


async def picked(
    connection: asyncpg.Connection,
    brokers: Brokers,
    within: Extent,
    patience: timedelta,
    show: Show,
) -> tuple[Missed, Mapping[Topic, Mapping[tuple[int, int], Place]]]:
    """Give what some consumer misses, and where in Kafka that of it is that is there."""
    missed = await _missing(connection, brokers, patience)
    picking = {topic: Picking(found) for topic, found in missed.items()}
    if picking:
        async for batch in kafka.records(brokers, within, show):
            for topic, records in by_topic(batch).items():
                if topic in picking:
                    picking[topic].consider(records)
    return missed, {topic: one.chosen for topic, one in picking.items()}


async def _missing(connection: asyncpg.Connection, brokers: Brokers, patience: timedelta) -> Missed:
    """Give what some consumer misses, with the ledger's names."""
    places: dict[Topic, set[Place]] = defaultdict(set)
    for one in await balanced(connection, brokers, patience):
        places[one.topic].update(one.missing)
    return {
        topic: await names(connection, topic, found) for topic, found in places.items() if found
    }


async def names(
    connection: asyncpg.Connection, topic: Topic, places: Collection[Place]
) -> Mapping[Place, Name]:
    """Give the ledger's names of what belongs to places of a topic."""
    rows = await connection.fetch(
        QUERIES["names"],
        [place.subject for place in places],
        [place.sequence for place in places],
        TYPES[topic],
    )
    return {Place(row["subject"], row["sequence"]): (row["source"], row["id"]) for row in rows}


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Which records to send again, by partition and offset, and what the ledger calls them."""

    places: Mapping[Topic, Mapping[tuple[int, int], Place]]
    names: Mapping[Topic, Mapping[Place, Name]]
    order: Order


async def _send(
    connection: asyncpg.Connection, brokers: Brokers, within: Extent, chosen: _Chosen, show: Show
) -> None:
    async for batch in kafka.records(brokers, within, show):
        for topic, records in by_topic(batch).items():
            places = chosen.places.get(topic, {})
            mine = [one for one in records if (one.partition, one.offset) in places]
            for first in range(0, len(mine), BATCH):
                sent = mine[first : first + BATCH]
                names = [chosen.names[topic][places[one.partition, one.offset]] for one in sent]
                await _send_batch(connection, sent, names, chosen.order)


async def _send_batch(
    connection: asyncpg.Connection,
    records: Sequence[ConsumerRecord],
    names: Sequence[Name],
    order: Order,
) -> None:
    async with connection.transaction():
        await enter_schema(connection, "intake")
        rows = await outbox.write(
            connection,
            [OutboxRecord(one.topic, one.key, one.headers, one.value) for one in records],
        )
        await connection.execute(
            QUERIES["leaves_again"],
            [source for source, _ in names],
            [id_ for _, id_ in names],
            [row["id"] for row in rows],
        )
        await enter_schema(connection, "controlling")
        entry = order.entry(Act.EVENTS_RESENT, Topic(records[0].topic), len(records))
        await write(connection, entry)


def by_topic(batch: Iterable[ConsumerRecord]) -> Mapping[Topic, Sequence[ConsumerRecord]]:
    """Part records by their topic."""
    found: dict[Topic, list[ConsumerRecord]] = defaultdict(list)
    for record in batch:
        found[Topic(record.topic)].append(record)
    return found
