"""Who can be given reviews, and how those that wait are spread over them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

FULL_LOAD = 20
"""Reviews that somebody with a whole share has at once: a mark to see by, nobody is held to it."""


class Obstacle(StrEnum):
    """Why somebody can't be given any review now."""

    OTHER_ROLE = "other_role"
    LOCKED = "locked"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Reviewer:
    """What decides about somebody, whatever the review.

    Attributes:
        groups: Groups of decisions that they know; all when empty.
        share: How much of a whole load they take.
        open: Reviews that they have and are to do.
    """

    account: UUID
    leads: bool
    locked: bool
    groups: tuple[str, ...]
    share: Decimal
    absent_from: date | None
    absent_until: date | None
    open: int = 0

    def obstacle(self, today: date) -> Obstacle | None:
        """Tell why they can't be given reviews; None when they can."""
        if not self.leads:
            return Obstacle.OTHER_ROLE
        if self.locked:
            return Obstacle.LOCKED
        return Obstacle.ABSENT if self._is_absent(today) else None

    def _is_absent(self, today: date) -> bool:
        if self.absent_from is None or today < self.absent_from:
            return False
        return self.absent_until is None or today <= self.absent_until

    @property
    def capacity(self) -> int:
        """How many reviews they have at once when they are busy."""
        return round(FULL_LOAD * self.share)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A review that nobody has, with those who may do it.

    `decision` and `round` keep two reviews of one decision apart; `task` holds those of like
    cases together.
    """

    review: UUID
    decision: str
    round: int
    allowed: Collection[UUID]
    task: str | None = None


def spread(
    waiting: Iterable[Waiting], reviewers: Sequence[Reviewer], today: date
) -> Mapping[UUID, Sequence[UUID]]:
    """Give each task that waits to who has the least to do for their share.

    Whoever has a share of nothing is given nothing; nobody gets both reviews of a decision. The
    tasks come most urgent first. One that nobody may do as a whole is given in parts; what nobody
    may do stays waiting.

    Returns:
        By account, the reviews to give them.
    """
    able = [one for one in reviewers if one.share > 0 and one.obstacle(today) is None]
    loads = {one.account: one.open for one in able}
    given: dict[UUID, list[UUID]] = {}
    twice: set[tuple[str, UUID]] = set()

    def may(account: UUID, task: Sequence[Waiting]) -> bool:
        return all(
            account in one.allowed and (one.decision, account) not in twice for one in task
        ) and len({one.decision for one in task}) == len(task)

    def give(task: Sequence[Waiting]) -> bool:
        choice = [one for one in able if may(one.account, task)]
        if not choice:
            return False
        chosen = min(choice, key=lambda one: ((loads[one.account] + 1) / one.share, one.account))
        loads[chosen.account] += len(task)
        twice.update((review.decision, chosen.account) for review in task)
        given.setdefault(chosen.account, []).extend(review.review for review in task)
        return True

    for task in _tasks(waiting):
        if not give(task):
            for review in task:
                give([review])
    return given


def _tasks(waiting: Iterable[Waiting]) -> Iterable[Sequence[Waiting]]:
    tasks: dict[object, list[Waiting]] = {}
    for one in waiting:
        tasks.setdefault(one.task or one.review, []).append(one)
    return tasks.values()
