"""Lets invented people review what waits, through the rooms that real ones use."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from operator import itemgetter
from uuid import UUID

from deploy.demo.fate import Lot, Oracle
from deploy.demo.judging import ERRORS, Judge, true_grade
from deploy.demo.people import people
from deploy.demo.reviewers import Fate, Habits
from services.controlling.accounts.account import Account, Role
from services.controlling.audit.store import Change, changing
from services.controlling.forms.case_file import CaseFile
from services.controlling.practice.practice import Practice
from services.controlling.reviews import answering, assigning, holding
from services.controlling.reviews import store as reviews
from services.controlling.reviews.asked import Asked
from services.controlling.reviews.errors import BothSigned
from services.controlling.reviews.form import store as forms
from services.controlling.reviews.form.given import Given
from services.controlling.reviews.form.opened import Opened
from services.controlling.reviews.form.store import HUMAN
from services.controlling.reviews.holding import Hold
from services.controlling.reviews.life import SECOND, State
from services.controlling.reviews.store import NewAnswer
from services.intake.simulation.chance import Chance
from services.intake.simulation.truth import Truth
from shared.postgres.pool import Pool

ALL = 100_000
_BEFORE = timedelta(minutes=30)
_HALF_DONE = frozenset({Fate.IN_REVIEW, Fate.ON_HOLD})
_SIGNING = frozenset({Fate.SIGNED, Fate.DECLINED, Fate.REOPENED})


@dataclass(slots=True)
class Played:
    """What was done, and how what was found compares with the truth.

    Attributes:
        fates: Reviews by what became of them.
        errors: True errors at which somebody looked, where the truth is known.
        found: Of them, those that were found.
        imagined: Errors found that are none.
        cases: What was signed.
        replies: Findings to which somebody has said something.
        measures: Measures agreed.
        appeals: Decisions appealed against.
    """

    fates: Counter[Fate] = field(default_factory=Counter)
    errors: int = 0
    found: int = 0
    imagined: int = 0
    cases: list[CaseFile] = field(default_factory=list)
    replies: int = 0
    measures: int = 0
    appeals: int = 0

    def compare(
        self, truth: Truth | None, asked: Iterable[Asked], given: Mapping[str, Given]
    ) -> None:
        """Hold answers against the truth; verdicts follow from them."""
        if truth is None:
            return
        for one in asked:
            if one.criterion is None or one.code not in given:
                continue
            wrong, seen = true_grade(truth, one) in ERRORS, given[one.code].grade in ERRORS
            self.errors += wrong
            self.found += wrong and seen
            self.imagined += seen and not wrong


@dataclass(frozen=True, slots=True)
class Task:
    """A review that waits, what becomes of it, and who may do it."""

    review: UUID
    decision_id: str
    round: int
    lot: Lot
    allowed: Collection[UUID]


class Crew:
    """Invented people at work."""

    def __init__(
        self,
        pool: Pool,
        practice: Practice,
        oracle: Oracle,
        truths: Mapping[str, Truth],
        everybody: Iterable[Account],
    ) -> None:
        """Wire it.

        Args:
            pool: Connections as controlling.
            practice: What every review is done with.
            oracle: Tells what becomes of each review.
            truths: What is really wrong, by decision; unknown of imported logs.
            everybody: All accounts; of these only invented people act.
        """
        invented = {one.login for one in people()}
        self._pool = pool
        self.practice = practice
        self._oracle = oracle
        self._truths = truths
        self._assumed = oracle.assumed
        self._calendar = oracle.calendar
        self._accounts = {one.id: one for one in everybody if one.login in invented}
        self._assigns = next(one for one in self._accounts.values() if one.role is Role.CONTROLLING)
        self.played = Played()

    @property
    def people(self) -> Collection[Account]:
        """Everybody who acts."""
        return self._accounts.values()

    async def tasks(self) -> list[Task]:
        """Give what waits and is to be done, in the order of time."""
        async with self._pool.acquire() as connection:
            waiting = await reviews.waiting(connection, ALL)
        found = [(one, self._oracle.lot(one.decision, one.round)) for one in waiting]
        tasks = (
            Task(one.review, one.decision, one.round, lot, one.allowed)
            for one, lot in found
            if lot.fate is not Fate.WAITING
        )
        return sorted(tasks, key=lambda one: (one.lot.begins, one.decision_id))

    async def do(self, task: Task) -> None:
        """Let become of a review what is to become of it: all of it, or nothing.

        Like cases that go together with it have the same fate.
        """
        fate, begins = task.lot.fate, task.lot.begins
        async with changing(self._pool) as change:
            able = await self._able(change, task)
            holder, given = await self._assigned(change, task, able)
            if fate is Fate.DECLINED and holder is not None and able:
                reason = self._chance(task, "conflict").pick(_evenly(self._assumed.conflicts))
                for one in given:
                    await assigning.decline(change, holder, one.review, reason)
                holder, given = await self._assigned(change, task, able)
            if holder is None:
                return
            if fate is not Fate.ASSIGNED:
                await answering.begin(change, holder, task.review, self.practice, begins)
                for one in given:
                    await self._review(change, holder, one)
            self.played.fates[fate] += len(given)

    async def _able(self, change: Change, task: Task) -> dict[str, Account]:
        """Give who may do a review now, by login; nobody if it doesn't wait any more."""
        rounds = await reviews.hold(change.connection, task.review)
        if rounds.this.state is not State.WAITING:
            return {}
        there = {
            one.reviewer.account
            for one in await reviews.loads(change.connection, self._oracle.today)
            if one.reviewer.obstacle(self._oracle.today) is None
        }
        free = (there & set(task.allowed)) - {one.account for one in rounds.every}
        accounts = (self._accounts[one] for one in free if one in self._accounts)
        return {one.login: one for one in accounts if one.share > 0}

    async def _assigned(
        self, change: Change, task: Task, able: dict[str, Account]
    ) -> tuple[Account | None, Sequence[Task]]:
        """Give the review to one of those who seem able; who mayn't after all is left out.

        Tells who has it, and what they got with it.
        """
        while able:
            shares = {login: float(one.share) for login, one in able.items()}
            login = self._oracle.holder(task.decision_id, task.round, shares, task.lot.fate)
            chosen = able.pop(login)
            given = await assigning.assign(
                change,
                self._assigns,
                chosen.id,
                {task.review: None},
                now=task.lot.begins - _BEFORE,
                today=self._oracle.today,
            )
            new = {one.id: one.decision_id for one in given if one.changed}
            if task.review in new:
                return chosen, [
                    replace(task, review=review, decision_id=decision_id)
                    for review, decision_id in sorted(new.items(), key=itemgetter(1))
                ]
        return None, ()

    async def _review(self, change: Change, holder: Account, task: Task) -> None:
        """Answer, all or half of it, and sign if it is to be signed."""
        fate, at = task.lot.fate, task.lot.begins
        opened = await self._opened(change, holder, task)
        habits = self._habits(holder, task)
        key = (self._oracle.seed, task.decision_id, task.round, holder.login)
        truth = self._truths.get(task.decision_id)
        judge = Judge(key, habits, truth, opened.review.settles, self._assumed)
        given = judge.answers(opened.sheet.questions)
        saved = list(given.items())
        if fate in _HALF_DONE:
            saved = saved[: max(1, len(saved) // 2)]
        step = timedelta(minutes=habits.minutes * task.lot.pace / len(given))
        for code, one in saved:
            at += step
            new = NewAnswer(code, one.based_on, one.grade, one.text, one.detail, HUMAN)
            seconds = round(step.total_seconds())
            await answering.save(change, holder, task.review, new, at, seconds=seconds)
        if fate is Fate.ON_HOLD:
            await self._rest(change, holder, task)
        if fate not in _SIGNING:
            return
        await answering.sign(
            change,
            holder,
            task.review,
            questions=opened.questions,
            now=at,
            calendar=self._calendar,
        )
        self.played.compare(truth, opened.sheet.questions, given)
        self.played.cases.append(opened.case)
        if fate is Fate.REOPENED:
            reason = self._chance(task, "reopening").pick(_evenly(self._assumed.reopenings))
            with suppress(BothSigned):  # the other of two was faster
                await answering.reopen(change, holder, task.review, reason, at + _BEFORE)

    def _habits(self, holder: Account, task: Task) -> Habits:
        habits, quarrels = self._assumed.habits(holder.login), self._assumed.quarrels
        if task.round == SECOND and self._oracle.quarrels(task.decision_id):
            return habits.model_copy(update={"false_alarms": quarrels.false_alarms})
        return habits

    async def _rest(self, change: Change, holder: Account, task: Task) -> None:
        """Let a review rest until some day soon."""
        chance, today = self._chance(task, "hold"), self._oracle.today
        until = self._calendar.add_working_days(today, chance.between(2, 10))
        hold = Hold.of(until, chance.pick(_evenly(self._assumed.holds)), today)
        await holding.set_hold_of_mine(change, holder, task.review, hold)

    async def _opened(self, change: Change, holder: Account, task: Task) -> Opened:
        """Open the case, as its page does."""
        own = await forms.own(change.connection, task.review, holder.id)
        opened = await forms.opened(change.connection, own, self.practice)
        if not await forms.keep_told(change.connection, opened, self.practice.law, task.lot.begins):
            return opened
        return await forms.reread(change.connection, opened)

    def _chance(self, task: Task, what: str) -> Chance:
        return Chance(self._oracle.seed, what, task.decision_id, task.round)


async def play(crew: Crew, told: Callable[[int, int], None]) -> Played:
    """Let everybody review until nothing waits that is to be done; `told` how far they are.

    What two differ on is settled as soon as it is known.
    """
    seen: set[UUID] = set()
    while tasks := [one for one in await crew.tasks() if one.review not in seen]:
        seen |= {one.review for one in tasks}
        for task in tasks:
            told(len(seen) - len(tasks) + tasks.index(task), len(seen))
            await crew.do(task)
    told(len(seen), len(seen))
    return crew.played


def _evenly(texts: Iterable[str]) -> dict[str, float]:
    return dict.fromkeys(texts, 1.0)
