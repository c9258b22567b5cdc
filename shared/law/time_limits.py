"""Time limits of procedural law, read from `time_limits.yaml`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Self

from pydantic import Field

from shared.configuration.yaml_file import Mistake, Section, load
from shared.events.vocabulary import Code
from shared.law.errors import TimeLimitsInvalid
from shared.law.months import add_months
from shared.law.rule import Rule

PACKAGED = Path(__file__).with_name("time_limits.yaml")


INACTION = "inaction"
"""From an application on; after it the applicant may sue for inaction."""


class TimeLimit(Rule):
    """How many months somebody has."""

    name: Code
    months: int = Field(ge=1, le=120)


class _Table(Section):
    limits: tuple[TimeLimit, ...]


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """The dated table of limits."""

    limits: tuple[TimeLimit, ...]

    @classmethod
    def load(cls, path: Path = PACKAGED) -> Self:
        """Read a table; without a path, the one that comes with the system.

        Raises:
            TimeLimitsInvalid: with everything that is wrong, by line and field.
        """
        return cls(
            load(path, _Table, invalid=TimeLimitsInvalid, contradictions=_contradictions).limits
        )

    def last_day(self, name: str, began: date) -> date | None:
        """Give the last day within a limit that began on a day; None without a rule."""
        for limit in self.limits:
            if limit.name == name and limit.in_force(began):
                return add_months(began, limit.months)
        return None


def _contradictions(table: _Table) -> Iterator[Mistake]:
    for (_, first), (position, second) in combinations(enumerate(table.limits), 2):
        if first.name == second.name and first.overlaps(second):
            yield Mistake(
                ("limits", position, "valid_from"),
                "overlaps an earlier limit of the same name; end that with valid_to",
            )
