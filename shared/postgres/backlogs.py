"""What waits in a service's own schema, as its gauges tell it."""

from datetime import datetime

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
from shared.postgres.pool import Pool
from shared.postgres.queries import load

QUERIES = load(__file__)
COUNTED_UP_TO = 1_000_000


async def tell_pool(pool: Pool) -> None:
    """Tell what the process does with the connections that it may have."""
    size, idle = pool.get_size(), pool.get_idle_size()
    POOL_CONNECTIONS.of(PoolUse.USED).set(size - idle)
    POOL_CONNECTIONS.of(PoolUse.IDLE).set(idle)
    POOL_CONNECTIONS.of(PoolUse.UNOPENED).set(pool.get_max_size() - size)


async def tell_backlogs(pool: Pool) -> None:
    """Tell how much waits, and since when."""
    row = await pool.fetchrow(QUERIES["backlogs"], COUNTED_UP_TO)
    assert row is not None  # a row of sub-selects is always there

    def age(since: datetime | None) -> float:
        return 0 if since is None else max(0, (row["now"] - since).total_seconds())

    OUTBOX_DEPTH.set(row["outbox"])
    OUTBOX_AGE.set(age(row["outbox_since"]))
    PARKED_EVENTS.set(row["parked"])
    PARKED_SUBJECTS.set(row["parked_subjects"])
    PARKED_AGE.set(age(row["parked_since"]))
    DEAD_LETTERS_OPEN.set(row["dead_letters"])
    DEAD_LETTER_AGE.set(age(row["dead_letters_since"]))
    INBOX_SUBJECTS.set(row["inbox_subjects"])


async def tell_books(pool: Pool) -> None:
    """Tell how many events were numbered and reached; reads all subjects, so seldom."""
    for query, family in (("numbered", EVENTS_NUMBERED), ("reached", EVENTS_REACHED)):
        for row in await pool.fetch(QUERIES[query]):
            family.of(Topic(row["topic"])).set(row["events"])
