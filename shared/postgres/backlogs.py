"""What waits in a service's own schema, as its gauges tell it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from shared.events.registry import Topic
from shared.observe.gauges import (
    DEAD_LETTER_AGE,
    DEAD_LETTERS_OPEN,
    EVENTS_NUMBERED,
    EVENTS_REACHED,
    INBOX_SUBJECTS,
    OUTBOX_AGE,
    OUTBOX_DEPTH,
    PARKED_AGE,
    PARKED_EVENTS,
    PARKED_SUBJECTS,
    POOL_CONNECTIONS,
    PoolUse,
)
from shared.postgres.pool import Connection, Pool
from shared.postgres.queries import load

QUERIES = load(__file__)
COUNTED_UP_TO = 1_000_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """Rows of one kind that wait, and for how long the oldest has; nothing without any."""

    rows: int
    age: timedelta = timedelta()

    @classmethod
    def since(cls, rows: int, since: datetime | None, now: datetime) -> Self:
        """Tell of rows of which the oldest has waited since a moment."""
        return cls(rows) if since is None else cls(rows, max(timedelta(), now - since))


@dataclass(frozen=True, slots=True)
class Backlogs:
    """What waits in a service's schema.

    Attributes:
        outbox: Events that wait for Kafka.
        parked: Events that wait for an earlier one of their subject.
        parked_subjects: In how many subjects they do.
        dead_letters: Records given up that nobody has settled.
        inbox_subjects: Subjects that events came about, estimated.
    """

    outbox: Backlog
    parked: Backlog
    parked_subjects: int
    dead_letters: Backlog
    inbox_subjects: int


async def tell_pool(pool: Pool) -> None:
    """Tell what the process does with the connections that it may have."""
    size, idle = pool.get_size(), pool.get_idle_size()
    POOL_CONNECTIONS.of(PoolUse.USED).set(size - idle)
    POOL_CONNECTIONS.of(PoolUse.IDLE).set(idle)
    POOL_CONNECTIONS.of(PoolUse.UNOPENED).set(pool.get_max_size() - size)


async def backlogs(connection: Connection | Pool) -> Backlogs:
    """Give what waits in the schema that a connection is in, each counted up to a million."""
    row = await connection.fetchrow(QUERIES["backlogs"], COUNTED_UP_TO)
    assert row is not None  # a row of sub-selects is always there

    now = row["now"]
    return Backlogs(
        outbox=Backlog.since(row["outbox"], row["outbox_since"], now),
        parked=Backlog.since(row["parked"], row["parked_since"], now),
        parked_subjects=row["parked_subjects"],
        dead_letters=Backlog.since(row["dead_letters"], row["dead_letters_since"], now),
        inbox_subjects=row["inbox_subjects"],
    )


async def tell_backlogs(pool: Pool) -> None:
    """Tell how much waits, and since when."""
    found = await backlogs(pool)
    OUTBOX_DEPTH.set(found.outbox.rows)
    OUTBOX_AGE.set(found.outbox.age.total_seconds())
    PARKED_EVENTS.set(found.parked.rows)
    PARKED_SUBJECTS.set(found.parked_subjects)
    PARKED_AGE.set(found.parked.age.total_seconds())
    DEAD_LETTERS_OPEN.set(found.dead_letters.rows)
    DEAD_LETTER_AGE.set(found.dead_letters.age.total_seconds())
    INBOX_SUBJECTS.set(found.inbox_subjects)


async def tell_books(
    pool: Pool, *, numbers: Collection[Topic] = (), reaches: Collection[Topic] = ()
) -> None:
    """Tell how many events were numbered and reached; reads all subjects, so seldom.

    Args:
        pool: Connections as the service's role.
        numbers: The topics it publishes; where it knows of no event, 0: so an empty database is
            told, too.
        reaches: The topics it consumes.
    """
    for query, family, topics in (
        ("numbered", EVENTS_NUMBERED, numbers),
        ("reached", EVENTS_REACHED, reaches),
    ):
        found = {row["topic"]: row["events"] for row in await pool.fetch(QUERIES[query])}
        for topic in topics:
            family.of(topic).set(found.get(topic.value, 0))
