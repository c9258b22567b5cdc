"""How controlling stands, as its database has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.controlling.periods.deadlines import Promise, promise_of
from shared.observe.gauges import ReviewState
from shared.postgres.pool import Connection
from shared.postgres.queries import load
from shared.security.time_stamps import stamped_at

QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class OpenReviews:
    """The reviews in one state; `since` is when the oldest of them was opened."""

    state: ReviewState
    amount: int
    overdue: int
    since: datetime


@dataclass(frozen=True, slots=True)
class OpenPeriod:
    """A period that is promised and not closed."""

    key: str
    first_day: date
    last_day: date
    witnessed_at: datetime | None
    promise: Promise


@dataclass(frozen=True, slots=True)
class Drawing:
    """A period's frame and sample; `expected` is the sum of the chances of its decisions."""

    decisions: int
    drawn: int
    expected: float


@dataclass(frozen=True, slots=True)
class Books:
    """When all books were last held against each other, and what differed; None: nobody has."""

    reconciled_at: datetime
    differences: int | None


async def open_reviews(connection: Connection, today: date) -> list[OpenReviews]:
    """Give the reviews that aren't signed, by state; overdue is what was due before today."""
    rows = await connection.fetch(QUERIES["open_reviews"], today)
    return [OpenReviews(**{**row, "state": ReviewState(row["state"])}) for row in rows]


async def open_periods(connection: Connection) -> Sequence[OpenPeriod]:
    """Give the periods that are promised and not closed, by their first day."""
    return [
        OpenPeriod(
            row["key"],
            row["first_day"],
            row["last_day"],
            row["witnessed_at"],
            promise_of(
                row["first_day"],
                row["opened_at"],
                stamped_at(row["time_stamp"], row["commitment"]),
                simulated=row["simulated"],
            ),
        )
        for row in await connection.fetch(QUERIES["open_promises"])
    ]


async def unstamped_heads(connection: Connection, before: date) -> int:
    """Count chains whose head from before a day has no time stamp."""
    return int(await connection.fetchval(QUERIES["unstamped_heads"], before))


async def last_closed(connection: Connection) -> str | None:
    """Give the key of the latest closed period."""
    key: str | None = await connection.fetchval(QUERIES["last_closed"])
    return key


async def drawing(connection: Connection, period: str) -> Drawing:
    """Count one period."""
    row = await connection.fetchrow(QUERIES["drawing"], period)
    assert row is not None  # a row of aggregates is always there
    return Drawing(**row)


async def books(connection: Connection) -> Books:
    """Give what was found when the books were last held against each other."""
    row = await connection.fetchrow(QUERIES["books"])
    assert row is not None  # a row of aggregates is always there
    return Books(**row)
