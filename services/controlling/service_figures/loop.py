"""Counts the figures of the service from what the handlers kept.

A loop of its own and not the handlers' transaction, so that who registers decisions pays for no
figure. A day is always counted from all that is known of it: what came late, twice counted or out
of order can't leave a trace.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.controlling.service_figures import store
from services.controlling.service_figures.counts import Figure, count_days
from services.controlling.service_figures.store import Days
from shared.organisation.calendar import Calendar
from shared.postgres.pool import Connection, Pool

LOOK = timedelta(seconds=15)
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Differences:
    """What a count anew doesn't find as it is kept.

    Attributes:
        days: How many days were counted, over all parts of the service.
        figures: How many figures that gave.
        found: Of each that differs, what is kept and what was counted; None where there is none.
    """

    days: int
    figures: int
    found: Sequence[tuple[Figure | None, Figure | None]]


class FigureCounter:
    """Counts days of which something new is known."""

    def __init__(self, pool: Pool, calendar: Calendar) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            calendar: The authority's days.
        """
        self._pool = pool
        self._calendar = calendar

    async def look(self) -> bool:
        """Count the days that new facts are about; tells whether there may be more."""
        async with self._pool.acquire() as connection, connection.transaction():
            await store.hold(connection)
            touched = await store.take_uncounted(connection, BATCH)
            await self._count(connection, touched)
        return bool(touched)

    async def count_anew(self, first: date, last: date) -> int:
        """Count the days from one to another anew; gives how many there were, over all parts."""
        async with self._pool.acquire() as connection, connection.transaction():
            await store.hold(connection)
            days = await store.days_with_facts(connection, first, last)
            await self._count(connection, days)
        return sum(map(len, days.values()))

    async def compare(self, first: date, last: date) -> Differences:
        """Count the same and say what differs from what is kept; changes nothing."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            days = await store.days_with_facts(connection, first, last)
            kept = _by_place(await store.unsettled(connection, first, last))
            counted = _by_place(
                [
                    figure
                    for part, touched in days.items()
                    for figure in count_days(
                        part,
                        await store.facts(connection, part, touched),
                        touched,
                        self._calendar.day_of,
                    )
                ]
            )
        pairs = [(kept.get(place), counted.get(place)) for place in sorted({*kept, *counted})]
        return Differences(
            sum(map(len, days.values())),
            len(counted),
            [(one, other) for one, other in pairs if one != other],
        )

    async def _count(self, connection: Connection, days: Days) -> None:
        for part, touched in days.items():
            happened = await store.facts(connection, part, touched)
            counted = count_days(part, happened, touched, self._calendar.day_of)
            await store.replace(connection, part, touched, counted)


def _by_place(figures: Sequence[Figure]) -> Mapping[tuple[str, date, str], Figure]:
    return {(one.part, one.day, one.place): one for one in figures}
