"""Reviews in the database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pydantic_core import from_json, to_json

from services.controlling.reviews.assignment import Reviewer, Waiting
from services.controlling.reviews.errors import ReviewUnknown
from services.controlling.reviews.life import HELD, OPEN, State
from services.controlling.reviews.time_needed import Durations
from services.controlling.reviews.verdict import Answer, Answers
from services.controlling.statistics.suppression import MINIMUM
from shared.events.vocabulary import Direction, DrawReason
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class Held:
    """A review as it stands while nobody else changes it."""

    id: UUID
    decision_id: str
    round: int
    state: State
    account: UUID | None


@dataclass(frozen=True, slots=True)
class Rounds:
    """One review, and all reviews of its decision."""

    this: Held
    every: Sequence[Held]

    def of(self, number: int) -> Held | None:
        """Give one of the decision's reviews by its round."""
        return next((one for one in self.every if one.round == number), None)


async def hold(connection: Connection, review: UUID) -> Rounds:
    """Give a review, with the others of its decision; nobody else changes them meanwhile.

    Raises:
        ReviewUnknown: there is none.
    """
    await connection.execute(QUERIES["hold_decision"], review)
    # A third review may have been opened while we waited: only a new look sees it.
    rows = await connection.fetch(QUERIES["rounds_of"], review)
    every = [Held(**{**row, "state": State(row["state"])}) for row in rows]
    this = next((one for one in every if one.id == review), None)
    if this is None:
        raise ReviewUnknown
    return Rounds(this, every)


@dataclass(frozen=True, slots=True)
class Given:
    """A review after it was asked for: who has it now, and whether that is new."""

    id: UUID
    decision_id: str
    due: date
    account: UUID | None
    changed: bool


async def hold_reviewer(connection: Connection, account: UUID) -> Reviewer | None:
    """Give what decides about a reviewer; nobody else gives them reviews meanwhile."""
    row = await connection.fetchrow(QUERIES["hold_reviewer"], account)
    return None if row is None else Reviewer(**{**row, "groups": tuple(row["groups"])})


async def take_next(
    connection: Connection, reviewer: Reviewer, now: datetime, today: date
) -> Given | None:
    """Give somebody the next review that they may do, or the one they haven't begun."""
    account = reviewer.account
    row = await connection.fetchrow(QUERIES["take_next"], account, reviewer.groups, now, today)
    return None if row is None else Given(**row, account=account)


async def together(
    connection: Connection, seen: Mapping[UUID, UUID | None]
) -> dict[UUID, UUID | None]:
    """Add to reviews what of their tasks the same person has, or waits as they do."""
    states = [state.value for state in OPEN]
    rows = await connection.fetch(
        QUERIES["together"], list(seen.keys()), list(seen.values()), states
    )
    return {row["id"]: row["seen"] for row in rows}


async def assign(
    connection: Connection, reviewer: Reviewer, seen: Mapping[UUID, UUID | None], now: datetime
) -> list[Given]:
    """Give somebody reviews, each from the holder that was seen; tells who has each then."""
    states = [state.value for state in OPEN]
    rows = await connection.fetch(
        QUERIES["assign"],
        reviewer.account,
        list(seen.keys()),
        list(seen.values()),
        reviewer.groups,
        now,
        states,
    )
    return [Given(**row) for row in rows]


async def let_go(connection: Connection, review: UUID, reason: str) -> None:
    """Let a review wait for others."""
    await connection.execute(QUERIES["let_go"], review, reason)


async def set_hold(
    connection: Connection, seen: Mapping[UUID, UUID], until: date | None, reason: str | None
) -> list[UUID]:
    """Let reviews rest or go on, each of the holder that was seen; gives those that changed."""
    states = [state.value for state in HELD]
    rows = await connection.fetch(
        QUERIES["set_hold"], list(seen.keys()), list(seen.values()), states, until, reason
    )
    return [row["id"] for row in rows]


async def due_before(connection: Connection, reviews: Collection[UUID], day: date) -> date | None:
    """Give the first last day of some reviews that comes before a day."""
    found: date | None = await connection.fetchval(QUERIES["due_before"], list(reviews), day)
    return found


async def declare_conflict(connection: Connection, decision_id: str, account: UUID) -> None:
    """Note for ever that somebody may not review a decision."""
    await connection.execute(QUERIES["declare_conflict"], decision_id, account)


async def waiting(connection: Connection, most: int) -> list[Waiting]:
    """Give what waits, the most urgent first, each with those who may do it."""
    rows = await connection.fetch(QUERIES["waiting_with_allowed"], most)
    return [Waiting(**{**row, "allowed": frozenset(row["allowed"])}) for row in rows]


@dataclass(frozen=True, slots=True)
class Load:
    """Somebody who reviews, and what they have to do now; nothing about what they found."""

    name: str
    unit: str | None
    reviewer: Reviewer
    overdue: int
    on_hold: int


async def loads(connection: Connection, today: date) -> list[Load]:
    """Give everybody who reviews with what they have to do, by name."""
    found = []
    for row in await connection.fetch(QUERIES["load_of_reviewers"], today):
        facts = dict(row)
        apart = ("name", "unit", "overdue", "on_hold")
        name, unit, overdue, on_hold = (facts.pop(key) for key in apart)
        reviewer = Reviewer(**{**facts, "groups": tuple(facts["groups"])})
        found.append(Load(name, unit, reviewer, overdue, on_hold))
    return found


async def durations(connection: Connection, groups: Collection[str]) -> Durations:
    """Look up how long questions about some groups of decisions take, all at once."""
    found = await connection.fetchval(QUERIES["durations"], sorted(set(groups)), MINIMUM)
    return Durations.read(from_json(found or "{}"))


@dataclass(frozen=True, slots=True)
class Begun:
    """The form with which a review begins, and keeps.

    Attributes:
        version: The catalogue's.
        digest: SHA-256 of the catalogue.
        questions: How many answers it needs, the two verdicts among them.
    """

    version: str
    digest: str
    questions: int


async def take(
    connection: Connection, review: UUID, state: State, form: Begun, now: datetime
) -> None:
    """Open a case to its reviewer."""
    await connection.execute(
        QUERIES["take"], review, state.value, now, form.version, form.digest, form.questions
    )


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """What somebody answers to one question.

    Attributes:
        based_on: The version that they saw; 0 where there was none.
        grade: A grade or a verdict; None: not answered yet, but commented.
        detail: What else was asked: recommended measure, whether it can be healed, until when.
        origin: `auto` where what the events say was confirmed, else `human`.
    """

    question: str
    based_on: int
    grade: str | None
    comment: str
    detail: Mapping[str, str]
    origin: str


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """An answer as it is kept.

    Attributes:
        by_another: Whether somebody gave it who has the review no more; then it doesn't count.
    """

    question: str
    version: int
    grade: str | None
    comment: str
    detail: Mapping[str, str]
    origin: str
    saved_at: datetime
    by_another: bool = False


async def save_answer(
    connection: Connection, review: UUID, new: NewAnswer, now: datetime
) -> SavedAnswer | None:
    """Keep a new version of an answer; None when it was based on one that isn't the last."""
    row = await connection.fetchrow(
        QUERIES["save_answer"],
        review,
        new.question,
        new.based_on,
        new.grade,
        new.comment,
        to_json(dict(new.detail)).decode(),
        new.origin,
        now,
    )
    if row is None:
        return None
    return SavedAnswer(
        new.question, row["version"], new.grade, new.comment, new.detail, new.origin, now
    )


async def go_on(connection: Connection, review: UUID, state: State, seconds: int) -> None:
    """Note that a review is under way, and how long somebody was at it since the last time."""
    await connection.execute(QUERIES["begin_review"], review, state.value, seconds)


async def saved_answers(connection: Connection, review: UUID) -> dict[str, SavedAnswer]:
    """Give the last answer to each question of a review."""
    rows = await connection.fetch(QUERIES["answers_of"], review)
    found = (SavedAnswer(**{**row, "detail": from_json(row["detail"])}) for row in rows)
    return {one.question: one for one in found}


async def signed_answers(connection: Connection, decision_id: str) -> dict[int, Answers]:
    """Give the answers of the signed reviews of a decision, by round."""
    found: dict[int, dict[str, Answer]] = {}
    for row in await connection.fetch(QUERIES["answers_of_decision"], decision_id):
        if row["grade"] is not None:
            answer = Answer(row["grade"], row["comment"], from_json(row["detail"]))
            found.setdefault(row["round"], {})[row["question"]] = answer
    return dict(found)


async def sign(connection: Connection, review: UUID, now: datetime) -> None:
    """Note that a review is done."""
    await connection.execute(QUERIES["sign"], review, now)


async def reopen(connection: Connection, review: UUID, reason: str) -> None:
    """Note that a review is under way again."""
    await connection.execute(QUERIES["reopen"], review, reason)


async def open_third(connection: Connection, decision_id: str, due: date, now: datetime) -> None:
    """Let a third person settle where two differ."""
    await connection.execute(QUERIES["open_third"], decision_id, due, now)


async def close_rounds(connection: Connection, decision_id: str, now: datetime) -> None:
    """Close the two reviews that a third has settled."""
    await connection.execute(QUERIES["close_rounds"], decision_id, now)


@dataclass(frozen=True, slots=True)
class About:
    """What may be known of a case before somebody has declared no conflict.

    `state` decides what may be shown beside it.
    """

    id: UUID
    decision_id: str
    state: State
    due: date
    unit: str
    account: UUID
    type_code: str
    direction: Direction
    decided_at: datetime
    reasons: tuple[DrawReason, ...]


async def about(connection: Connection, review: UUID, account: UUID) -> list[About]:
    """Give what one of somebody's reviews is about, and then what else is of its task.

    Raises:
        ReviewUnknown: there is no such review, or it is another's.
    """
    states = [state.value for state in HELD]
    rows = await connection.fetch(QUERIES["facts_of_task"], review, account, states)
    if not rows:
        raise ReviewUnknown
    return [About(**{**row, **words_of(dict(row))}) for row in rows]


def words_of(row: Mapping[str, object]) -> dict[str, object]:
    """Read what every list of reviews has of one."""
    reasons = row["reasons"]
    assert isinstance(reasons, list)
    return {
        "state": State(str(row["state"])),
        "direction": Direction(str(row["direction"])),
        "reasons": tuple(map(DrawReason, reasons)),
    }
