"""The inbox: how far each subject has been applied, and what waits behind a gap."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from shared.failure.errors import TransientError
from shared.kafka.records import Received, Record, read
from shared.kafka.sequencing import Arrangement, Position
from shared.postgres import outbox
from shared.postgres.pool import Connection


class RivalConsumer(TransientError):
    """Another consumer applied events of this batch meanwhile; the batch is read again."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"another consumer moved on in {topic} at the same time; trying again")


async def read_positions(
    connection: Connection, topic: str, subjects: Iterable[str]
) -> dict[str, Position]:
    """Give where each subject stands; a subject never seen is absent."""
    rows = await connection.fetch(outbox.QUERIES["read_positions"], topic, list(subjects))
    return {subject: Position(last, parked) for subject, last, parked in rows}


async def read_parked(
    connection: Connection, topic: str, subjects: Iterable[str]
) -> dict[str, dict[int, Received]]:
    """Give the waiting events of some subjects by sequence."""
    wanted = list(subjects)
    if not wanted:
        return {}
    rows = await connection.fetch(outbox.QUERIES["read_parked"], topic, wanted)
    parked: dict[str, dict[int, Received]] = defaultdict(dict)
    for subject, sequence, partition, offset, headers, value in rows:
        record = Record(
            topic, partition, offset, 0, subject.encode(), outbox.unpack_headers(headers), value
        )
        waiting = read(record)
        if isinstance(waiting, Received):
            parked[subject][sequence] = waiting
    return dict(parked)


async def advance(
    connection: Connection,
    topic: str,
    arrangement: Arrangement,
    positions: Mapping[str, Position],
) -> None:
    """Move subjects on, park what came early, forget what is released.

    Raises:
        RivalConsumer: a subject is no longer where it was read.
    """
    if not arrangement.reached:
        return
    expected = [
        position.last_sequence if (position := positions.get(subject)) is not None else None
        for subject in arrangement.reached
    ]
    moved = await connection.fetchval(
        outbox.QUERIES["advance"],
        topic,
        list(arrangement.reached),
        expected,
        [position.last_sequence for position in arrangement.reached.values()],
        [subject for subject, position in arrangement.reached.items() if position.parked],
    )
    if moved != len(arrangement.reached):
        raise RivalConsumer(topic)
    await _park(connection, topic, arrangement.park)
    await forget(connection, topic, arrangement.released)


async def _park(connection: Connection, topic: str, early: list[Received]) -> None:
    if not early:
        return
    await connection.execute(
        outbox.QUERIES["park"],
        topic,
        [received.event.subject for received in early],
        [received.event.sequence for received in early],
        [received.record.partition for received in early],
        [received.record.offset for received in early],
        [outbox.pack_headers(received.record.headers) for received in early],
        [received.record.value for received in early],
    )


async def forget(connection: Connection, topic: str, released: Sequence[Received]) -> None:
    """Wait no longer with events that were parked: they are applied, or given up on."""
    if not released:
        return
    await connection.execute(
        outbox.QUERIES["release"],
        topic,
        [received.event.subject for received in released],
        [received.event.sequence for received in released],
    )
