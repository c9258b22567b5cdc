"""Counts the figures of the service from what the handlers kept.

A loop of its own and not the handlers' transaction, so that who registers decisions pays for no
figure. A day is always counted from all that is known of it: what came late, twice counted or out
of order can't leave a trace.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter

from services.controlling.service_figures import store
from services.controlling.service_figures.clocks import Clocks
from services.controlling.service_figures.counts import Figure, count_days
from services.controlling.service_figures.fact import Part
from services.controlling.service_figures.process import count_cases
from shared.held_items.holding import Holding
from shared.postgres.pool import Connection, Pool

LOOK = timedelta(seconds=15)
MOST_DAYS = 7
"""How many days are counted at once: all that is known of them is in memory."""
_DAY = timedelta(days=1)


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

    def __init__(self, pool: Pool, law: Clocks, holding: Holding) -> None:
        """Wire it.

        Args:
            pool: Connections as the service's role.
            law: The authority's days and time limits.
            holding: Sets parts of the service aside that can't be counted.
        """
        self._pool = pool
        self._law = law
        self._holding = holding

    async def look(self) -> bool:
        """Count the days that new facts are about; tells whether there may be more."""
        passed_over = await self._holding.look()
        more = False
        for part in Part:
            if part in passed_over:
                continue
            async with self._holding.item(part):
                more |= await self._count_new(part)
        return more

    async def _count_new(self, part: Part) -> bool:
        async with self._pool.acquire() as connection, connection.transaction():
            await store.hold(connection)
            touched = (
                await store.take_days_of_cases(connection, self._law.calendar.zone, MOST_DAYS)
                if part is Part.PROCESS
                else await store.take_uncounted(connection, part, MOST_DAYS)
            )
            if touched:
                await _count(connection, part, touched, self._law)
        return bool(touched)


async def count_anew(pool: Pool, law: Clocks, first: date, last: date) -> int:
    """Count the days from one to another anew; gives how many there were, over all parts.

    A week is a transaction of its own: others count in between, and what was counted stays when it
    is broken off.
    """
    counted = 0
    async for stretch in _stretches(pool, law, first, last):
        async with pool.acquire() as connection, connection.transaction():
            await store.hold(connection)
            days = await _known_days(connection, law, *stretch)
            for part, touched in days.items():
                await _count(connection, part, touched, law)
            counted += sum(map(len, days.values()))
    return counted


async def compare(pool: Pool, law: Clocks, first: date, last: date) -> Differences:
    """Count the same and say what differs from what is kept; changes nothing."""
    days = figures = 0
    differing: list[tuple[Figure | None, Figure | None]] = []
    async for stretch in _stretches(pool, law, first, last):
        found = await _compare(pool, law, *stretch)
        days += found.days
        figures += found.figures
        differing += found.found
    return Differences(days, figures, differing)


async def _stretches(
    pool: Pool, law: Clocks, first: date, last: date
) -> AsyncIterator[tuple[date, date]]:
    """Give weeks of which something is known, one after the other: no memory holds all days."""
    begins: date | None = first
    while begins is not None:
        async with pool.acquire() as connection:
            begins = await store.next_day(connection, law.calendar.zone, begins, last)
        if begins is not None:
            ends = min(begins + (MOST_DAYS - 1) * _DAY, last)
            yield begins, ends
            begins = ends + _DAY


async def _compare(pool: Pool, law: Clocks, first: date, last: date) -> Differences:
    counted: list[Figure] = []
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        days = await _known_days(connection, law, first, last)
        kept = _by_place(await store.unsettled(connection, first, last))
        for part, touched in days.items():
            counted += await _counted(connection, part, touched, law)
    found = _by_place(counted)
    pairs = [(kept.get(place), found.get(place)) for place in sorted({*kept, *found})]
    return Differences(
        sum(map(len, days.values())),
        len(counted),
        [(one, other) for one, other in pairs if one != other],
    )


async def _known_days(
    connection: Connection, law: Clocks, first: date, last: date
) -> Mapping[Part, Sequence[date]]:
    """Give the days, from one to another, that can be counted anew."""
    of_facts = await store.days_with_facts(connection, first, last)
    decided = await store.days_of_decisions(connection, law.calendar.zone, first, last)
    return {**of_facts, Part.PROCESS: decided}


async def _count(connection: Connection, part: Part, days: Sequence[date], law: Clocks) -> None:
    await store.replace(connection, part, days, await _counted(connection, part, days, law))


async def _counted(
    connection: Connection, part: Part, days: Sequence[date], law: Clocks
) -> list[Figure]:
    if part is Part.PROCESS:
        events = await store.events_of_days(connection, law.calendar.zone, days)
        return [
            Figure(part, day, service, cases)
            for (day, service), cases in sorted(count_cases(events, law).items(), key=itemgetter(0))
            if day in days
        ]
    known = await store.facts(connection, part, days)
    return count_days(part, known, days, law.calendar.day_of)


def _by_place(figures: Sequence[Figure]) -> Mapping[tuple[str, date, str], Figure]:
    return {(one.part, one.day, one.place): one for one in figures}
