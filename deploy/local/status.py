"""What runs, where, and how far each service has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg

SERVICES = ("intake", "controlling", "notify")
# Every service's schema has the same tables of the event spine.
_BACKLOG = """
    SELECT (SELECT count(*) FROM {schema}.outbox) AS outbox,
           (SELECT count(*) FROM {schema}.parked) AS parked,
           (SELECT count(*) FROM {schema}.dead_letter) AS dead_letters
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a service has still to do, in rows.

    Attributes:
        service: Whose.
        outbox: Events that wait for Kafka.
        parked: Events that wait for an earlier one of their case.
        dead_letters: Records given up on.
        lag: Records in Kafka that it has not processed yet.
    """

    service: str
    outbox: int
    parked: int
    dead_letters: int
    lag: int


async def backlogs(database_url: str, bootstrap_servers: str) -> list[Backlog]:
    """Ask the database and the broker how far each service is."""
    lags = await consumer_lags(bootstrap_servers)
    connection = await asyncpg.connect(database_url, timeout=5)
    try:
        rows = {name: await _spine(connection, name) for name in SERVICES}
    finally:
        await connection.close()
    return [
        Backlog(name, row["outbox"], row["parked"], row["dead_letters"], _lag_of(name, lags))
        for name, row in rows.items()
    ]


async def consumer_lags(bootstrap_servers: str) -> dict[str, int]:
    """Records behind the end of their partitions, by consumer group."""
    from aiokafka import AIOKafkaConsumer  # noqa: PLC0415 - slow to import
    from aiokafka.admin import AIOKafkaAdminClient  # noqa: PLC0415

    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers)
    try:
        await admin.start()
        await consumer.start()
        lags = {}
        for group, *_ in await admin.list_consumer_groups():
            committed = await admin.list_consumer_group_offsets(group)
            ends = await consumer.end_offsets(list(committed))
            lags[group] = sum(ends[at] - done.offset for at, done in committed.items())
        return lags
    finally:
        await consumer.stop()
        await admin.close()


async def _spine(connection: asyncpg.Connection, schema: str) -> Mapping[str, int]:
    row = await connection.fetchrow(_BACKLOG.format(schema=schema))
    assert row is not None
    return dict(row)


def _lag_of(service: str, lags: Mapping[str, int]) -> int:
    mine: Sequence[int] = [
        lag for group, lag in lags.items() if group == service or group.startswith(f"{service}-")
    ]
    return sum(mine)
