"""Relays broken on purpose."""

from collections import defaultdict

import pytest

from shared.crash_points import CrashPoint
from shared.kafka import relay
from shared.kafka.batching import Producer
from shared.postgres import outbox
from shared.postgres.pool import Connection


def cursor_relay(patch: pytest.MonkeyPatch) -> None:
    """Remember the last id instead of looking for the oldest row."""
    statement = outbox.QUERIES["read"].replace("ORDER BY id", "AND id > $4 ORDER BY id")
    cursors: dict[str, int] = defaultdict(int)

    async def send_round(connection: Connection, broker: Producer, *_: object) -> list[int]:
        service = await connection.fetchval("SELECT current_schema()")
        rows = await connection.fetch(statement, relay.BATCH, [], [], cursors[service])
        outcomes = await relay._send(broker, rows)
        acknowledged = relay._acknowledged(rows, outcomes)
        relay.crash_point(CrashPoint.RELAY_BEFORE_DELETE)  # type: ignore[attr-defined] # armed
        await connection.execute(outbox.QUERIES["delete_sent"], acknowledged)
        # As long as nothing fails it may be told from the true relay by late commits alone.
        cursors[service] = max([cursors[service], *acknowledged])
        return [row["id"] for row in rows]

    patch.setattr(relay, "send_round", send_round)


def delete_before_ack(patch: pytest.MonkeyPatch) -> None:
    """Empty the outbox, then send."""

    async def send_round(connection: Connection, broker: Producer, *_: object) -> list[int]:
        rows = await connection.fetch(outbox.QUERIES["read"], relay.BATCH, [], [])
        relay.crash_point(CrashPoint.RELAY_BEFORE_DELETE)  # type: ignore[attr-defined] # armed
        await connection.execute(outbox.QUERIES["delete_sent"], [row["id"] for row in rows])
        await relay._send(broker, rows)
        return [row["id"] for row in rows]

    patch.setattr(relay, "send_round", send_round)


def refusals_not_heard(patch: pytest.MonkeyPatch) -> None:
    """Take every send of a round for acknowledged."""
    patch.setattr(relay, "_acknowledged", lambda rows, _: [row["id"] for row in rows])


def two_relays(patch: pytest.MonkeyPatch) -> None:
    """Let every process send, each its own rows, as queues in PostgreSQL are usually shared."""
    shared_read = outbox.QUERIES["read"] + " FOR UPDATE SKIP LOCKED"
    send_round = relay.send_round

    async def lead(*_: object) -> bool:
        return True

    async def round_in_transaction(
        connection: Connection, broker: Producer, *aside: relay.Aside
    ) -> list[int]:
        async with connection.transaction():
            return await send_round(connection, broker, *aside)

    patch.setattr(relay, "QUERIES", {**outbox.QUERIES, "read": shared_read})
    patch.setattr(relay, "BATCH", 100)
    patch.setattr(relay.Relay, "_lead", lead)
    patch.setattr(relay, "send_round", round_in_transaction)
