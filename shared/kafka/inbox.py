"""The inbox: how far each subject has been applied, and what waits behind a gap."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from shared.errors import TransientError
from shared.kafka.records import Received, Record, read
from shared.kafka.sequencing import Arrangement, Position
from shared.postgres import outbox
from shared.postgres.pool import Connection
from shared.postgres.queries import as_document, as_words, load, rows_changed

QUERIES = load(__file__)


class RivalConsumer(TransientError):
    """Another consumer applied events of this batch meanwhile; the batch is read again."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"another consumer moved on in {topic} at the same time; trying again")


async def read_positions(
    connection: Connection, topic: str, subjects: Iterable[str]
) -> dict[str, Position]:
    """Give where each subject stands; a subject never seen is absent."""
    rows = await connection.fetch(QUERIES["read_positions"], topic, as_words(subjects))
    return {subject: Position(*standing) for subject, *standing in rows}


async def read_parked(
    connection: Connection, topic: str, subjects: Iterable[str]
) -> dict[str, dict[int, Received]]:
    """Give the waiting events of some subjects by sequence."""
    wanted = list(subjects)
    if not wanted:
        return {}
    rows = await connection.fetch(QUERIES["read_parked"], topic, wanted)
    parked: dict[str, dict[int, Received]] = defaultdict(dict)
    for subject, sequence, partition, offset, timestamp, headers, value in rows:
        record = Record(
            topic,
            partition,
            offset,
            timestamp,
            subject.encode(),
            outbox.unpack_headers(headers),
            value,
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
        RivalConsumer: somebody else changed where a subject stands since it was read.
    """
    if not arrangement.reached:
        return
    steps = [
        (subject, reached.last_sequence, reached.parked, _version(positions.get(subject)))
        for subject, reached in arrangement.reached.items()
    ]
    tag = await connection.execute(QUERIES["advance"], topic, as_document(steps))
    if rows_changed(tag) != len(steps):
        raise RivalConsumer(topic)
    await _park(connection, topic, arrangement.park)
    passed = {
        subject: reached.last_sequence
        for subject, reached in arrangement.reached.items()
        if subject in positions and positions[subject].parked
    }
    await forget(connection, topic, passed)


def _version(position: Position | None) -> int | None:
    return None if position is None else position.version


async def _park(connection: Connection, topic: str, early: list[Received]) -> None:
    if not early:
        return
    await connection.execute(
        QUERIES["park"],
        topic,
        [received.event.subject for received in early],
        [received.event.sequence for received in early],
        [received.record.partition for received in early],
        [received.record.offset for received in early],
        [received.record.timestamp for received in early],
        [outbox.pack_headers(received.record.headers) for received in early],
        [received.record.value for received in early],
    )


async def forget(connection: Connection, topic: str, passed: Mapping[str, int]) -> None:
    """Wait no longer with events up to a sequence of each subject: applied, or given up on."""
    if not passed:
        return
    await connection.execute(QUERIES["release"], topic, list(passed), list(passed.values()))
