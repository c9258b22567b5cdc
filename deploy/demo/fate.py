"""What becomes of which review, when, and at whose hands. Pure, and the same for the same seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

from deploy.demo.reviewers import Fate, Reviewers
from services.intake.simulation.chance import Chance
from shared.organisation.calendar import Calendar

THIRD = 3
UNDONE = frozenset({Fate.ASSIGNED, Fate.IN_REVIEW, Fate.ON_HOLD, Fate.COMPLETE})
"""Somebody has it and is to go on."""
_LATELY = 5
"""Working days for which somebody has what isn't done, at most."""
_OPENS, _CLOSES = time(8, 30), time(15)


@dataclass(frozen=True, slots=True)
class Lot:
    """What becomes of one review.

    Attributes:
        fate: What.
        begins: When it is taken.
        pace: How long it takes, relative to what half of somebody's reviews take at most.
    """

    fate: Fate
    begins: datetime
    pace: float


@dataclass(frozen=True, slots=True)
class Oracle:
    """Tells fates: of the same seed and day always the same ones.

    Attributes:
        today: What day it is.
        past: The working days before, the newest last.
    """

    seed: int
    assumed: Reviewers
    calendar: Calendar
    today: date
    past: Sequence[date]

    @classmethod
    def of(cls, seed: int, assumed: Reviewers, calendar: Calendar, today: date) -> Self:
        """Look back from a day as far as anybody has reviewed."""
        far = timedelta(days=2 * assumed.days_ago.longest + 30)
        return cls(seed, assumed, calendar, today, tuple(calendar.working_days(today - far, today)))

    def lot(self, decision_id: str, number: int) -> Lot:
        """Tell what becomes of a decision's review in a round."""
        chance = Chance(self.seed, "review", decision_id, number)
        fate = self._fate(decision_id, number, chance)
        days = self._days_ago(decision_id, number)
        if days == 0:  # the two have just signed
            fate, days = Fate.WAITING, 1
        if fate in UNDONE:
            days = chance.between(1, min(days, _LATELY))
        begins = self.later(chance, self.past[-days], 0)
        return Lot(fate, begins, chance.long_tailed(100, 400) / 100)

    def holder(self, decision_id: str, number: int, able: Mapping[str, float], fate: Fate) -> str:
        """Choose who gets a review.

        Args:
            decision_id: What is reviewed.
            number: The round.
            able: The shares of those who may do it, by login.
            fate: Of what isn't done the host gets more.
        """
        chance = Chance(self.seed, "holder", decision_id, number)
        host = self.assumed.host
        if chance.happens(host.share) and fate in UNDONE and host.login in able:
            return host.login
        return chance.pick(dict(sorted(able.items())))

    def later(self, chance: Chance, after: date, days: int) -> datetime:
        """Give a moment at which people work, some working days after a day."""
        day = self.calendar.add_working_days(after, days)
        return chance.moment(self.calendar.moment(day, _OPENS), self.calendar.moment(day, _CLOSES))

    def is_past(self, moment: datetime) -> bool:
        """Whether something happened before today."""
        return self.calendar.day_of(moment) < self.today

    def quarrels(self, decision_id: str) -> bool:
        """Whether a second reviewer of a decision sees errors that nobody else sees."""
        return Chance(self.seed, "quarrel", decision_id).happens(self.assumed.quarrels.share)

    def _fate(self, decision_id: str, number: int, chance: Chance) -> Fate:
        if number == THIRD:
            return chance.pick(self.assumed.settlements)
        if self.quarrels(decision_id):
            return Fate.SIGNED
        own = chance.happens(self.assumed.own_way)
        whose = chance if own else Chance(self.seed, "decision", decision_id)
        return whose.pick(self.assumed.fates)

    def _days_ago(self, decision_id: str, number: int) -> int:
        """Give when a review is done: the second two days after the first, the third later."""
        quarrels = self.quarrels(decision_id)
        bounds = self.assumed.quarrels.days_ago if quarrels else self.assumed.days_ago
        second = Chance(self.seed, "days", decision_id).between(bounds.shortest, bounds.longest)
        if number < THIRD:
            return second + 2 * (2 - number)
        return 0 if second == 1 else Chance(self.seed, "third", decision_id).between(1, second - 1)
