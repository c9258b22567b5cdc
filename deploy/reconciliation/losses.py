"""The exits for what is in Kafka no more: its sender is asked for it, or it is given up for ever.

The ledger holds prints of events, not their contents. So only their senders have them; what they
send again goes to the place that it had.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid5

import asyncpg

from deploy.reconciliation import topic as kafka
from deploy.reconciliation.mending import Order, picked
from deploy.reconciliation.places import Place
from deploy.reconciliation.reading import CONSUMERS
from deploy.reconciliation.store import QUERIES
from deploy.reconciliation.strays import Name
from deploy.reconciliation.topic import Show
from services.controlling.audit.entry import Act
from services.controlling.audit.store import write
from shared.dead_letters.settlement import SOURCE
from shared.events.catalogue.case import EventDiscarded
from shared.events.event import new_event
from shared.events.registry import Topic
from shared.kafka.brokers import Brokers
from shared.postgres import outbox
from shared.postgres.pool import enter_schema, operator_connection

AWAITED, GIVEN_UP = -1, -2
"""What stands in the ledger in the place of a row of the outbox."""

# Made once at random: stands for the dead letter that a lost event never became.
_LOST = UUID("5f8c5f0e-7a0e-4c66-9c0b-3d7f0e4f2a51")


class Loss(NamedTuple):
    """An event that a consumer misses and Kafka doesn't hold."""

    topic: Topic
    place: Place
    name: Name


async def ask(
    database_url: str, brokers: Brokers, patience: timedelta, order: Order, show: Show
) -> Sequence[Loss]:
    """Let intake take again what is lost, under the name and at the place that it had.

    Raises:
        DatabaseUnreachable, KafkaUnreachable: one of them doesn't answer.
        KafkaRefuses, RightsMissing: Kafka doesn't let us read.
    """

    async def awaited(_: asyncpg.Connection, lost: Sequence[Loss]) -> Sequence[int]:
        return [AWAITED] * len(lost)

    async with operator_connection(database_url) as connection:
        lost = await _lost(connection, brokers, patience, show)
        await _settle(connection, lost, order, Act.EVENTS_ASKED_FOR, awaited)
    return lost


async def give_up(
    database_url: str, brokers: Brokers, patience: timedelta, order: Order, show: Show
) -> Sequence[Loss]:
    """Give up what is lost: an event that says so takes its place, and its case goes on.

    Raises:
        DatabaseUnreachable, KafkaUnreachable: one of them doesn't answer.
        KafkaRefuses, RightsMissing: Kafka doesn't let us read.
    """
    async with operator_connection(database_url) as connection:
        lost = await _lost(connection, brokers, patience, show)
        await _settle(connection, lost, order, Act.EVENTS_GIVEN_UP, _stand_ins)
    return lost


async def _lost(
    connection: asyncpg.Connection, brokers: Brokers, patience: timedelta, show: Show
) -> list[Loss]:
    within = await kafka.extent(brokers, CONSUMERS)
    missed, chosen = await picked(connection, brokers, within, patience, show)
    held = {topic: {*places.values()} for topic, places in chosen.items()}
    return [
        Loss(topic, place, name)
        for topic, names in missed.items()
        for place, name in sorted(names.items())
        if place not in held[topic]
    ]


async def _settle(
    connection: asyncpg.Connection,
    lost: Sequence[Loss],
    order: Order,
    act: Act,
    places: Callable[[asyncpg.Connection, Sequence[Loss]], Awaitable[Sequence[int]]],
) -> None:
    """Note what stands in the ledger for each from now on, and who wanted it."""
    if lost and not order.dry_run:
        async with connection.transaction():
            await _note(connection, lost, await places(connection, lost))
            await _tell(connection, lost, order, act)


async def _stand_ins(connection: asyncpg.Connection, lost: Sequence[Loss]) -> list[int]:
    """Send what takes the places of lost events; about an office nothing waits for another one."""
    of_cases = [one for one in lost if one.topic is Topic.CASE_EVENTS]
    events = [
        new_event(
            SOURCE,
            one.place.subject,
            EventDiscarded(dead_letter=str(uuid5(_LOST, repr(one.name)))),
            time=datetime.now(UTC),
        )._replace(sequence=one.place.sequence)
        for one in of_cases
    ]
    await enter_schema(connection, "intake")
    rows = await outbox.write(connection, [outbox.record(event) for event in events])
    sent: Mapping[Loss, int] = {
        one: outbox_id for one, (outbox_id,) in zip(of_cases, rows, strict=True)
    }
    return [sent.get(one, GIVEN_UP) for one in lost]


async def _note(
    connection: asyncpg.Connection, lost: Sequence[Loss], outbox_ids: Sequence[int]
) -> None:
    sources, ids = zip(*(one.name for one in lost), strict=True)
    await connection.execute(QUERIES["leaves_again"], sources, ids, outbox_ids)


async def _tell(
    connection: asyncpg.Connection, lost: Sequence[Loss], order: Order, act: Act
) -> None:
    await enter_schema(connection, "controlling")
    for topic in sorted({one.topic for one in lost}):
        events = sum(one.topic is topic for one in lost)
        await write(connection, order.entry(act, topic, events))
