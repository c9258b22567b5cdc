"""What somebody has to do, in the database."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.controlling.forms.questions import form_for
from services.controlling.practice.practice import Practice
from services.controlling.reviews.life import State
from services.controlling.reviews.listed import Sought
from services.controlling.reviews.store import words_of
from services.controlling.reviews.verdict import VERDICTS
from shared.events.vocabulary import Direction, DrawReason
from shared.postgres.paging import Listing, Order, Page, Rank, Words
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class Mine:
    """A review that somebody has to do.

    Attributes:
        group: Of its decision.
        missing: Questions without an answer; None before it is taken.
    """

    id: UUID
    state: State
    due: date
    unit: str
    version: int
    type_code: str
    direction: Direction
    decided_at: datetime
    reasons: tuple[DrawReason, ...]
    group: str
    on_hold_until: date | None
    hold_reason: str | None
    missing: int | None

    @property
    def complete(self) -> bool:
        """Whether nothing but the signature is missing."""
        return self.missing is not None and self.missing <= 0

    def left(self, practice: Practice) -> int:
        """Count what its reviewer still has to answer; before it is taken, what a form may ask."""
        if self.missing is not None:
            return max(0, self.missing)
        form = form_for(
            practice.criteria,
            practice.law.types,
            type_code=self.type_code,
            direction=self.direction,
            on=practice.law.calendar.day_of(self.decided_at),
        )
        return form.for_people + len(VERDICTS)


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


class Stand(StrEnum):
    """Where a review stands for whoever has it."""

    COMPLETE = "complete"
    IN_REVIEW = "in_review"
    ASSIGNED = "assigned"
    ON_HOLD = "on_hold"


MINE = Listing(
    QUERIES["my_tasks"],
    {"kind": Words, "unit": Words, "decided": date, "due": date, "state": Rank},
    unique={"id": UUID},
    usual="due",
)


async def mine(
    connection: Connection,
    account: UUID,
    stand: Stand | None,
    sought: Sought,
    order: Order,
) -> Page[MyTask]:
    """Give a page of what somebody has to do."""
    shown = stand and stand.value
    found = await MINE.page(connection, order, account, shown, *sought.values)
    tasks: dict[UUID, list[Mine]] = {row["id"]: [] for row in found.lines}
    for row in await connection.fetch(QUERIES["reviews_of_tasks"], account, list(tasks)):
        facts = {**row, **words_of(dict(row))}
        tasks[facts.pop("first")].append(Mine(**facts))
    # One may have been handed back since the page was read.
    return Page([MyTask(tuple(reviews)) for reviews in tasks.values() if reviews], found.further)


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
