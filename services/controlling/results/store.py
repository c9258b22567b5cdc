"""Figures of closed periods for the page of results, kept until a review of theirs changes."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.controlling.figures.cells import WHOLE
from services.controlling.figures.period import Asked, PeriodFigures, period_figures
from services.controlling.figures.store import read_sample, read_verdicts
from services.controlling.results.closed_period import ClosedPeriod
from services.controlling.statistics.charts import Counts
from services.controlling.statistics.errors import NothingReviewed
from services.controlling.statistics.suppression import Withheld, release
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)
IN_TIME = timedelta(days=90)
"""In so many days 95 of 100 drawn decisions are to be reviewed."""
_FRESH = timedelta(minutes=10)
"""So old may be what counters and late decisions say of a period that is looked at."""


async def closed_periods(connection: Connection) -> list[ClosedPeriod]:
    """Give all closed periods, oldest first."""
    return [ClosedPeriod(**row) for row in await connection.fetch(QUERIES["closed_periods"])]


async def review_times(connection: Connection, key: str, now: datetime) -> Counts | None:
    """Tell how many drawn decisions of a period were reviewed in time; None: too few are due.

    `sample` is how many were drawn that long ago, `errors` how many of them were reviewed too late.
    """
    row = await connection.fetchrow(QUERIES["review_times"], key, IN_TIME, now)
    assert row is not None
    counts = Counts(row["due"] - row["kept"], row["due"])
    return release({WHOLE: Withheld(counts.sample, counts)})[WHOLE] if counts.sample else None


class _Kept(NamedTuple):
    """Figures, and what they were made of."""

    state: object
    at: datetime
    figures: PeriodFigures | None


class Results:
    """The figures of closed periods; kept in the state of the application.

    Whatever changes a figure of a period, but for what counters say and for late decisions, changes
    the state of its reviews: figures are made anew then, and else not.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        """Wire it; weeks begin where the authority is."""
        self._zone = zone
        self._kept: dict[str, _Kept] = {}

    async def figures(
        self,
        connection: Connection,
        periods: Sequence[ClosedPeriod],
        now: datetime,
        *,
        seen: ClosedPeriod,
    ) -> list[PeriodFigures | None]:
        """Give periods' figures; None where nothing is reviewed.

        Args:
            connection: With one view of the database: a transaction that reads repeatably.
            periods: Any closed ones.
            now: What time it is.
            seen: The one whose footnotes are looked at, too.
        """
        rows = await connection.fetch(QUERIES["states_of_reviews"])
        states = {row["period"]: tuple(row) for row in rows}
        found = []
        for period in periods:
            state = (states.get(period.key), states.get(None))
            kept = self._kept.get(period.key)
            stale = period is seen and kept is not None and now - kept.at > _FRESH
            if kept is None or kept.state != state or stale:
                kept = _Kept(state, now, await self._made(connection, period.key))
                self._kept[period.key] = kept
            found.append(kept.figures)
        return found

    async def _made(self, connection: Connection, key: str) -> PeriodFigures | None:
        try:
            reviews = await read_verdicts(connection, key)
            sample = await read_sample(connection, key, self._zone)
            return await asyncio.to_thread(period_figures, sample, reviews, Asked())
        except NothingReviewed:
            return None
