"""Reviews of one decision on the database, held against a small model: any order, repeated, stale.

The model knows nothing of tables and statements. It tells in words what three reviewers, one who is
too many, and whoever assigns may do, and what is published in the end.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deploy.local.infrastructure import Addresses
from services.controlling.reviews import answering, assigning
from services.controlling.reviews.errors import (
    ActUnfit,
    AnswersMissing,
    AnswerStale,
    BothSigned,
    ReviewUnknown,
)
from services.controlling.reviews.life import FIRST, SECOND, THIRD, State
from services.controlling.reviews.store import NewAnswer
from services.controlling.reviews.verdict import VERDICTS
from tests.integration.controlling_helpers import empty
from tests.integration.review_helpers import CALENDAR, CONTROLLER, NOW, TODAY, Desk, Person, by
from tests.integration.test_reviews import FORM, TWICE, V1

pytestmark = pytest.mark.stack

ASKED = ("V1", *VERDICTS)
PEOPLE = range(1, 5)
REFUSED = (ActUnfit, AnswersMissing, AnswerStale, BothSigned, ReviewUnknown)


class Act(StrEnum):
    """What somebody tries."""

    ASSIGN = "assign"
    TAKE = "take"
    ANSWER = "answer"
    SIGN = "sign"
    HAND_BACK = "hand back"
    DECLINE = "decline"
    REOPEN = "reopen"


class Step(NamedTuple):
    """A try.

    Attributes:
        act: What.
        person: Who; of an assignment, to whom.
        round: Of which review.
        wrong: Which verdict is given.
        stale: What was seen isn't what is there.
        ordinary: Whoever has the review does what comes next, whatever else is said here.
    """

    act: Act
    person: int
    round: int
    wrong: bool
    stale: bool
    ordinary: bool


STEPS = st.builds(
    Step,
    st.sampled_from(Act),
    st.sampled_from(PEOPLE),
    st.sampled_from([FIRST, SECOND, THIRD]),
    st.booleans(),
    st.integers(0, 9).map(lambda one: one == 0),
    st.integers(0, 9).map(lambda one: one < 7),
)
NEXT = {
    State.WAITING: Act.ASSIGN,
    State.ASSIGNED: Act.TAKE,
    State.TAKEN: Act.ANSWER,
    State.IN_REVIEW: Act.SIGN,
}


@dataclass
class Review:
    """One of the reviews, in words."""

    holder: int | None = None
    state: State = State.WAITING
    versions: int = 0
    verdict: bool | None = None
    """What counts: given by whoever has it, since they declared no conflict."""

    @property
    def open(self) -> bool:
        return self.state not in (State.SIGNED, State.CLOSED)

    def let_go(self) -> None:
        self.holder, self.state, self.verdict = None, State.WAITING, None


@dataclass
class Model:
    """All reviews of the decision."""

    reviews: dict[int, Review] = field(default_factory=lambda: {1: Review(), 2: Review()})
    conflicted: set[int] = field(default_factory=set)
    published: list[str] = field(default_factory=list)

    def meant(self, step: Step) -> Step:
        """Give what comes next in a review, where that is to be tried."""
        review = self.reviews[step.round]
        if not step.ordinary or review.state not in NEXT:
            return step
        free = min(set(PEOPLE) - self._busy(), default=step.person)
        who = free if review.holder is None else review.holder
        return step._replace(act=NEXT[review.state], person=who, stale=False)

    def try_(self, step: Step) -> type[Exception] | None:
        """Do it, or give why not."""
        review = self.reviews[step.round]
        if step.act is Act.ASSIGN:
            self._assign(step, review)
            return None
        if review.holder != step.person:
            return ReviewUnknown
        return {
            Act.TAKE: self._take,
            Act.ANSWER: self._answer,
            Act.SIGN: self._sign,
            Act.HAND_BACK: self._hand_back,
            Act.DECLINE: self._decline,
            Act.REOPEN: self._reopen,
        }[step.act](step, review)

    def _busy(self) -> set[int | None]:
        return {one.holder for one in self.reviews.values()} | self.conflicted

    def _assign(self, step: Step, review: Review) -> None:
        if review.open and not step.stale and step.person not in self._busy():
            review.holder, review.state, review.verdict = step.person, State.ASSIGNED, None
            self.published.append("review.assigned")

    def _take(self, _: Step, review: Review) -> type[Exception] | None:
        if not review.open:
            return ActUnfit
        if review.state is State.ASSIGNED:
            review.state, review.verdict = State.TAKEN, None
        return None

    def _answer(self, step: Step, review: Review) -> type[Exception] | None:
        if review.state not in (State.TAKEN, State.IN_REVIEW):
            return ActUnfit
        if step.stale:
            return AnswerStale
        review.state, review.verdict = State.IN_REVIEW, step.wrong
        review.versions += 1
        return None

    def _sign(self, _: Step, review: Review) -> type[Exception] | None:
        if review.state is State.SIGNED:
            return None
        if review.state is not State.IN_REVIEW:
            return ActUnfit
        if review.verdict is None:
            return AnswersMissing
        review.state = State.SIGNED
        self._conclude()
        return None

    def _conclude(self) -> None:
        first, second = self.reviews[1], self.reviews[2]
        third = self.reviews.get(3)
        if first.open or second.open:
            return
        if first.verdict == second.verdict or (third is not None and not third.open):
            self.published.append("review.completed")
            if third is not None:
                first.state = second.state = State.CLOSED
        elif third is None:
            self.reviews[3] = Review()

    def _hand_back(self, _: Step, review: Review) -> type[Exception] | None:
        if not review.open:
            return ActUnfit
        review.let_go()
        return None

    def _decline(self, step: Step, review: Review) -> type[Exception] | None:
        refused = self._hand_back(step, review)
        if refused is None:
            self.conflicted.add(step.person)
        return refused

    def _reopen(self, step: Step, review: Review) -> type[Exception] | None:
        if review.state is not State.SIGNED:
            return ActUnfit
        other = self.reviews.get(3 - step.round)
        if other is not None and not other.open:
            return BothSigned
        if not any(one.open for one in self.reviews.values()):
            self.published.append("review.reopened")
        review.state = State.IN_REVIEW
        return None


@dataclass
class Reality:
    """The same on the database, a minute for each step."""

    desk: Desk
    people: dict[int, Person]
    now: datetime = NOW

    async def reviews(self) -> dict[int, tuple[State, int | None]]:
        return {
            row["round"]: (State(row["state"]), row["account"] and row["account"].int)
            for row in await self.desk.reviews()
        }

    async def try_(self, step: Step, review: Review) -> None:
        self.now += timedelta(minutes=1)
        named = await self.desk.owner.fetchval(
            "SELECT id FROM controlling.review WHERE round = $1", step.round
        )
        who = self.people[step.person]
        async with self.desk.change() as change:
            match step.act:
                case Act.ASSIGN:
                    other = next(one for one in PEOPLE if one != review.holder)
                    seen = other if step.stale else review.holder
                    known = None if seen is None else self.people[seen].id
                    await assigning.assign(
                        change, CONTROLLER, who.id, {named: known}, now=self.now, today=TODAY
                    )
                case Act.TAKE:
                    await answering.take(change, who, named, FORM, self.now)
                case Act.ANSWER:
                    for answer in answers(step, review):
                        await answering.save(change, who, named, answer, self.now)
                case Act.SIGN:
                    await answering.sign(
                        change, who, named, questions=[V1], now=self.now, calendar=CALENDAR
                    )
                case Act.HAND_BACK:
                    await assigning.hand_back(change, who, named, "Urlaub")
                case Act.DECLINE:
                    await assigning.decline(change, who, named, "verwandt")
                case Act.REOPEN:
                    await answering.reopen(change, who, named, "verklickt", self.now)


def answers(step: Step, review: Review) -> Iterator[NewAnswer]:
    """All that is asked; of what a third settles more than that is refused nowhere."""
    based_on = review.versions + (7 if step.stale else 0)
    for question in ASKED:
        grade = "wrong" if step.wrong and question in VERDICTS else "correct"
        yield NewAnswer(question, based_on, grade, "weil", {}, "human")


def through(a_round: int, *, wrong: bool) -> list[Step]:
    """From waiting to signed."""
    return [Step(Act.ASSIGN, 1, a_round, wrong, stale=False, ordinary=True)] * 4


def reopening(person: int, a_round: int) -> list[Step]:
    """Taken back, and signed again."""
    back = Step(Act.REOPEN, person, a_round, wrong=False, stale=False, ordinary=False)
    return [back, back._replace(act=Act.SIGN)]


SETTLED = [
    *through(FIRST, wrong=True), *reopening(1, FIRST), *through(SECOND, wrong=False),
    *reopening(2, SECOND), *through(THIRD, wrong=True), *reopening(3, THIRD),
    *reopening(1, FIRST), *reopening(3, THIRD),
]  # fmt: skip
"""Two differ and a third settles it, and whoever may goes back once or twice."""


async def outcome(trying: Callable[[], Awaitable[None]]) -> type[Exception] | None:
    try:
        await trying()
    except REFUSED as error:
        return type(error)
    return None


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(SETTLED)
@given(st.lists(STEPS, min_size=20, max_size=40))
async def test_whatever_is_tried_in_whatever_order_database_and_words_agree(
    desk: Desk, stack: Addresses, steps: list[Step]
) -> None:
    await desk.empty()
    await empty(stack.database_url)
    people = {number: await desk.person(number) for number in PEOPLE}
    await desk.drawn(by(50, 1), in_force=TWICE)
    model, reality = Model(), Reality(desk, people)
    for drawn in steps:
        step = drawn if drawn.round in model.reviews else drawn._replace(round=FIRST)
        step = model.meant(step)
        review = model.reviews[step.round]
        refused = await outcome(lambda: reality.try_(step, review))  # noqa: B023 - awaited at once
        assert refused is model.try_(step), step
        assert await reality.reviews() == {
            number: (one.state, one.holder) for number, one in model.reviews.items()
        }, step
    told = [one for one in await desk.published() if one.startswith("review.")]
    assert told == model.published
