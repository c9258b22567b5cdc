"""What somebody has to do, in the database."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.controlling.reviews.life import State
from services.controlling.reviews.store import PAGE, After, key_of, words_of
from shared.events.vocabulary import Direction, DrawReason
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class Mine:
    """A review that somebody has to do."""

    id: UUID
    state: State
    due: date
    unit: str
    version: int
    type_code: str
    direction: Direction
    decided_at: datetime
    reasons: tuple[DrawReason, ...]
    stratum: str
    on_hold_until: date | None
    hold_reason: str | None
    complete: bool


@dataclass(frozen=True, slots=True)
class MyTask:
    """A line of somebody's list: a review, or those of like cases.

    Attributes:
        reviews: What is to do, the first due first.
    """

    reviews: tuple[Mine, ...]

    @property
    def first(self) -> Mine:
        """What stands for the task."""
        return self.reviews[0]

    @property
    def complete(self) -> bool:
        """Whether nothing but the signatures is missing."""
        return all(one.complete for one in self.reviews)


async def mine(connection: Connection, account: UUID, after: After | None) -> list[MyTask]:
    """Give a page of what somebody has to do, the first due first."""
    found: dict[UUID, list[Mine]] = {}
    for row in await connection.fetch(QUERIES["my_tasks"], account, *key_of(after), PAGE):
        facts = {**row, **words_of(dict(row))}
        found.setdefault(facts.pop("first"), []).append(Mine(**facts))
    return [MyTask(tuple(reviews)) for reviews in found.values()]


@dataclass(frozen=True, slots=True)
class MyCounts:
    """How much somebody has to do, and how much they have done since the month began."""

    open: int
    soon: int
    done: int


async def my_counts(connection: Connection, account: UUID, soon: date, since: datetime) -> MyCounts:
    """Count what somebody has to do, and to do until a day, and what they have done."""
    row = await connection.fetchrow(QUERIES["my_counts"], account, soon, since)
    assert row is not None
    return MyCounts(**row)
