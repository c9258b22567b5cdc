"""What somebody has to do, in the database."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.controlling.case_files import store as case_files
from services.controlling.forms.automatic import answers
from services.controlling.forms.case_file import CaseFile
from services.controlling.forms.questions import form_for
from services.controlling.practice.practice import Practice
from services.controlling.reviews.answering import to_settle
from services.controlling.reviews.asked import sheet
from services.controlling.reviews.life import THIRD, State
from services.controlling.reviews.listed import Sought
from services.controlling.reviews.store import words_of
from shared.events.event import Event
from shared.events.vocabulary import Direction, DrawReason
from shared.postgres.paging import Listing, Order, Page, Rank, Words
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class Mine:
    """A review that somebody has to do.

    Attributes:
        case: That of its decision.
        group: Of its decision.
        missing: Questions without an answer; None before it is taken.
    """

    id: UUID
    decision_id: str
    case: str
    round: int
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

    @property
    def settles(self) -> bool:
        """Whether it settles where two others differ."""
        return self.round == THIRD


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


async def left(
    connection: Connection, reviews: Collection[Mine], practice: Practice
) -> dict[UUID, int]:
    """Count what is to be answered, by review; of those that aren't begun from their cases."""
    begun = {one.id: max(0, one.missing) for one in reviews if one.missing is not None}
    others = [one for one in reviews if one.id not in begun]
    settle = {
        one.id: len(await to_settle(connection, one.decision_id)) for one in others if one.settles
    }
    whole = [one for one in others if not one.settles]
    cases = defaultdict[str, list[Event]](list)
    if whole:
        for event in await case_files.events_of_cases(connection, {one.case for one in whole}):
            cases[event.subject].append(event)
    return begun | settle | {one.id: asked(one, cases[one.case], practice) for one in whole}


def asked(one: Mine, events: Sequence[Event], practice: Practice) -> int:
    """Count what the form of a review will ask of a person: what its case doesn't tell. Pure."""
    case = CaseFile.of(events, one.decision_id, practice.law.calendar)
    form = form_for(
        practice.criteria,
        practice.law.types,
        type_code=case.decision.type_code,
        direction=case.decision.direction,
        on=case.day,
    )
    told = answers(form.questions, case, practice.law)
    return len(sheet(form.questions, told, {}).missing)
