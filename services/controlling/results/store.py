"""Figures of closed periods for the page of results, as they are released."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.controlling.figures.cells import WHOLE
from services.controlling.figures.errors import FiguresUnreleased
from services.controlling.figures.footnotes import Footnote, frame_footnotes
from services.controlling.figures.kept import Released, settled
from services.controlling.figures.period import Asked
from services.controlling.figures.releasing import releasing
from services.controlling.figures.store import read_frame
from services.controlling.results.closed_period import ClosedPeriod
from services.controlling.statistics.charts import Counts
from services.controlling.statistics.errors import NothingReviewed
from services.controlling.statistics.suppression import Withheld, release
from shared.organisation.model import Organisation
from shared.postgres.pool import Connection, Pool
from shared.postgres.queries import load

QUERIES = load(__file__)
IN_TIME = timedelta(days=90)
"""In so many days 95 of 100 drawn decisions are to be reviewed."""
_FRESH = timedelta(minutes=10)
"""So old may be what is told of a period's frame."""


async def closed_periods(connection: Connection) -> list[ClosedPeriod]:
    """Give all closed periods, oldest first."""
    return [ClosedPeriod(**row) for row in await connection.fetch(QUERIES["closed_periods"])]


@dataclass(frozen=True, slots=True)
class Term:
    """When so many decisions should have been reviewed, and how many of them were."""

    ends: datetime
    drawn: int
    kept: int


def in_time(terms: Sequence[Term], now: datetime) -> Counts | None:
    """Tell how many drawn decisions of a period were reviewed in time; None: too few are due.

    `sample` is how many were drawn that long ago, `errors` how many of them were reviewed too late.
    """
    over = [one for one in terms if one.ends <= now]
    due = sum(one.drawn for one in over)
    counts = Counts(due - sum(one.kept for one in over), due)
    return release({WHOLE: Withheld({WHOLE: counts}, counts)})[WHOLE] if counts.sample else None


@dataclass(slots=True)
class Known:
    """What a period's reviews say, as long as they stay as they are.

    Attributes:
        state: Of its reviews, and of what is released of them.
        released: None where nothing is; without what may still become known of the frame.
        terms: By when its decisions were to be reviewed; None until somebody asks.
    """

    state: object
    released: Released | None
    terms: list[Term] | None = None


class Results:
    """What is known of closed periods; kept in the state of the application.

    Figures that were released stay; what may release more of them changes the state of a period's
    reviews, and is looked for then, and else not. What is told of the frame may change any time.
    """

    def __init__(self, organisation: Organisation) -> None:
        """Wire it; weeks begin where the authority is, and units are those of today."""
        self._zone = organisation.jurisdiction.time_zone
        self._asked = Asked(unit_now=organisation.unit_now)
        self._known: dict[str, Known] = {}
        self._frames: dict[str, tuple[datetime, list[Footnote]]] = {}
        self._making = asyncio.Lock()

    async def known(self, pool: Pool, periods: Sequence[ClosedPeriod]) -> list[Known]:
        """Give what is known of periods.

        Args:
            pool: As the workbench.
            periods: Any closed ones.
        """
        keys = [one.key for one in periods]
        async with pool.acquire() as connection:
            rows = await connection.fetch(QUERIES["states_of_reviews"], keys)
        states = {row["period"]: tuple(row) for row in rows}
        if not all(self._is_known(key, states.get(key)) for key in keys):
            async with (
                self._making
            ):  # whoever else asks for them now waits instead of making them, too
                for key in keys:
                    if not self._is_known(key, states.get(key)):
                        self._known[key] = Known(states.get(key), await self._made(pool, key))
        return [self._known[key] for key in keys]

    async def times(
        self, connection: Connection, period: ClosedPeriod, known: Known, now: datetime
    ) -> Counts | None:
        """Tell how many decisions of a period were reviewed in time; None: too few are due."""
        if known.terms is None:
            rows = await connection.fetch(QUERIES["review_terms"], period.key, IN_TIME)
            known.terms = [Term(**row) for row in rows]
        return in_time(known.terms, now)

    async def frame(
        self, connection: Connection, period: ClosedPeriod, now: datetime
    ) -> list[Footnote]:
        """Give what must be known of a period's frame, minutes old at most."""
        at, notes = self._frames.get(period.key, (None, []))
        if at is None or now - at > _FRESH:
            days = (period.first_day, period.last_day)
            notes = frame_footnotes(*await read_frame(connection, period.key, *days, self._zone))
            self._frames[period.key] = now, notes
        return notes

    def _is_known(self, key: str, state: object) -> bool:
        return key in self._known and self._known[key].state == state

    async def _made(self, pool: Pool, key: str) -> Released | None:
        try:
            async with releasing(pool, self._zone) as release:
                found = await release.figures([key], self._asked)
        except (NothingReviewed, FiguresUnreleased):
            return None
        return replace(found, figures=settled(found.figures))
