"""What is to do, in hours, against what those who review have for it in a week. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.controlling.policy.policy import Policy
from services.controlling.policy.strata import Stratum
from services.controlling.practice.time_limit import REVIEW
from services.controlling.reviews.assignment import Reviewer

USUAL = Policy(version="usual", default_rate=Decimal(0))
"""What holds where no policy says how long anything takes."""
_WORKING_WEEK = 5


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Reviews of one stratum of a period that aren't done.

    Attributes:
        policy: By which the period is drawn.
        stratum: Which decisions these are.
        waiting: How many nobody has.
        held: How many somebody has.
    """

    policy: Policy
    stratum: str
    waiting: int
    held: int


@dataclass(frozen=True, slots=True)
class Workload:
    """What is to do, and how long that takes.

    Attributes:
        waiting: Hours of what nobody has.
        held: Hours of what somebody has.
        a_week: Hours that those who are there have in a week.
    """

    waiting: Decimal
    held: Decimal
    a_week: Decimal

    @property
    def weeks(self) -> Decimal | None:
        """How many weeks it takes; None when nobody is there."""
        return (self.waiting + self.held) / self.a_week if self.a_week else None

    @property
    def too_much(self) -> bool:
        """Whether it takes longer than there is time for a review."""
        if self.weeks is None:
            return bool(self.waiting + self.held)
        return self.weeks * _WORKING_WEEK > REVIEW


def workload(work: Sequence[OpenWork], reviewers: Iterable[Reviewer], today: date) -> Workload:
    """Add up what is to do, by the policies; what a share has is said by the newest, the last one.

    Who is absent has no time today.
    """
    hours = [one.policy.hours_of(Stratum.parse(one.stratum)) for one in work]
    share = sum((one.share for one in reviewers if one.obstacle(today) is None), start=Decimal(0))
    return Workload(
        waiting=sum(
            (one.waiting * each for one, each in zip(work, hours, strict=True)), Decimal(0)
        ),
        held=sum((one.held * each for one, each in zip(work, hours, strict=True)), Decimal(0)),
        a_week=share * (work[-1].policy if work else USUAL).reviewer_hours,
    )
