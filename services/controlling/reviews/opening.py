"""Opens the reviews of what stands in the queue, and tells which are overdue."""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from services.controlling.practice import time_limit
from services.controlling.reviews.announcing import overdue, reopened
from services.controlling.reviews.store import QUERIES
from shared.held_items.holding import Holding
from shared.organisation.calendar import Calendar
from shared.postgres.pool import Pool
from shared.postgres.transaction import Transaction

LOOK = timedelta(seconds=2)
BATCH = 500
OVERDUE = "overdue:"
"""Before the id of a review that is held because nobody can be told that it is overdue."""
LARGEST_TASK = 4
"""Like cases that are reviewed together: one that is the twin of hundreds doesn't flood anybody."""


class ReviewOpener:
    """Makes a review of each entry of the queue, and two where two are to review it.

    Reviews of twins become one task.
    """

    def __init__(
        self,
        pool: Pool,
        calendar: Calendar,
        holding: Holding,
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            calendar: The authority's working days.
            holding: Sets decisions aside whose reviews can't be opened.
            committed: Wakes the relay.
        """
        self._pool = pool
        self._calendar = calendar
        self._due = lru_cache(1024)(
            lambda drawn: calendar.add_working_days(drawn, time_limit.REVIEW)
        )
        self._holding = holding
        self._committed = committed

    async def look(self) -> bool:
        """Open what lacks reviews and announce what is overdue; tells whether there may be more."""
        now = datetime.now(UTC)
        passed_over = await self._holding.look()
        opened = await self.open(now, passed_over)
        late = await self.announce_overdue(now, passed_over)
        return max(opened, late) == BATCH

    async def open(self, now: datetime, passed_over: Collection[str] = ()) -> int:
        """Open the reviews of some entries of the queue; tells of how many."""
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(QUERIES["unopened"], BATCH, list(passed_over))
        decisions = [row["decision_id"] for row in rows]
        await self._holding.each(decisions, lambda some: self._open(some, now))
        return len(decisions)

    async def _open(self, decisions: Sequence[str], now: datetime) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(QUERIES["take_unopened"], decisions)
            tx = Transaction(connection)
            ids = [row["decision_id"] for row in rows]
            due = [self._due(self._calendar.day_of(row["drawn_at"])) for row in rows]
            undone = await connection.fetch(QUERIES["final_until_now"], ids)
            tx.publish_all(reopened(row["decision_id"], now) for row in undone)
            await connection.execute(QUERIES["open_reviews"], ids, due, now)
            await connection.execute(QUERIES["part_tasks"], ids)
            await connection.execute(QUERIES["join_twins"], ids, LARGEST_TASK)
            await connection.execute(QUERIES["note_opened"], ids)
            await tx.flush()
        self._committed()

    async def announce_overdue(self, now: datetime, passed_over: Collection[str] = ()) -> int:
        """Tell once of each review whose last day has passed; tells of how many."""
        reviews = [one.removeprefix(OVERDUE) for one in passed_over if one.startswith(OVERDUE)]
        async with self._pool.acquire() as connection:
            today = self._calendar.day_of(now)
            rows = await connection.fetch(QUERIES["overdue"], today, BATCH, reviews)
        await self._holding.each(
            [row["id"] for row in rows],
            lambda some: self._announce(some, now),
            lambda one: f"{OVERDUE}{one}",
        )
        return len(rows)

    async def _announce(self, reviews: Sequence[UUID], now: datetime) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            tx = Transaction(connection)
            rows = await connection.fetch(QUERIES["take_overdue"], reviews, now)
            tx.publish_all(overdue(row["decision_id"], row["due"], now) for row in rows)
            await tx.flush()
        self._committed()
