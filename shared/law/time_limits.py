"""Time limits of procedural law, read from `time_limits.yaml`."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from itertools import combinations

from pydantic import Field

from shared.configuration.yaml_file import Mistake
from shared.events.vocabulary import Code
from shared.law.dated_table import DatedTable
from shared.law.decision_types import no_type
from shared.law.errors import TimeLimitsInvalid
from shared.law.months import add_months
from shared.law.rule import Rule

FILE = "time_limits.yaml"


INACTION = "inaction"
"""From an application on; after it the applicant may sue for inaction."""
RESIDENCE_CARD = "residence-card"
"""From complete information on; within it a member of an EU citizen's family gets the card."""
SUBMISSION_REMINDER = "submission-reminder"
"""From the arrival of what was handed in online on; after it the delivery point reminds of it."""
SUBMISSION_REJECTION = "submission-rejection"
"""From the same on; after it the delivery point turns down what nobody fetched."""
DEPARTURE_SHORTEST = "departure-shortest"
DEPARTURE_LONGEST = "departure-longest"
"""From the notification of a decision on; within it somebody must leave."""
ENTRY_BAN_LONGEST = "entry-ban-longest"
"""From departure on; a ban that lasts longer needs special grounds."""


class TimeLimit(Rule):
    """How many months or days somebody has."""

    name: Code
    months: int | None = Field(default=None, ge=1, le=120)
    days: int | None = Field(default=None, ge=1, le=366)
    types: tuple[Code, ...] = Field(
        default=(), description="Decision types it holds for; all when left out."
    )

    def last_day(self, began: date) -> date:
        """Give the last day within the limit when it began on a day."""
        return add_months(began, self.months or 0) + timedelta(days=self.days or 0)

    def covers(self, type_code: str | None) -> bool:
        """Whether it holds for a decision type; one for all types covers also none."""
        return not self.types or type_code in self.types

    def competes(self, other: "TimeLimit") -> bool:
        """Whether both could hold for one decision on one day."""
        return (
            self.name == other.name
            and self.overlaps(other)
            and (not self.types or not other.types or not set(self.types).isdisjoint(other.types))
        )


class TimeLimits(DatedTable):
    """The dated table of limits."""

    file = FILE
    invalid = TimeLimitsInvalid
    limits: tuple[TimeLimit, ...]

    def find(self, name: str, on: date, type_code: str | None = None) -> TimeLimit | None:
        """Give the limit of that name in force on a day for a decision type, if there is one."""
        for limit in self.limits:
            if limit.name == name and limit.in_force(on) and limit.covers(type_code):
                return limit
        return None

    def last_day(self, name: str, began: date) -> date | None:
        """Give the last day within a limit that began on a day; None without a rule."""
        limit = self.find(name, began)
        return None if limit is None else limit.last_day(began)

    def is_over(self, name: str, began: date, on: date) -> bool:
        """Whether a limit that began on a day is over on another; never without a rule."""
        last_day = self.last_day(name, began)
        return last_day is not None and on > last_day

    def contradictions(self) -> Iterator[Mistake]:
        """Say which rules can't be in force beside each other."""
        for position, limit in enumerate(self.limits):
            if (limit.months is None) == (limit.days is None):
                yield Mistake(("limits", position), "needs months or days, one of them")
        for (_, first), (position, second) in combinations(enumerate(self.limits), 2):
            if first.competes(second):
                yield Mistake(
                    ("limits", position, "valid_from"),
                    "overlaps an earlier limit of the same name; end that with valid_to",
                )

    def unknown_types(self, codes: Collection[str]) -> Iterator[Mistake]:
        """Say which rules are about decision types that there aren't."""
        for position, limit in enumerate(self.limits):
            for place, code in enumerate(limit.types):
                if code not in codes:
                    yield Mistake(("limits", position, "types", place), no_type(code, codes))
