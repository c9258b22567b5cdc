"""Whom the authority must involve before it decides, read from `participation.yaml`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Self

from pydantic import Field

from shared.configuration.yaml_file import Mistake, Section, load
from shared.events.vocabulary import Code, Direction
from shared.law.errors import ParticipationsInvalid
from shared.law.rule import Rule

PACKAGED = Path(__file__).with_name("participation.yaml")


class Participation(Rule):
    """A body that takes part in every decision of a type."""

    type: Code
    directions: tuple[Direction, ...] = Field(min_length=1)
    body: Code
    consent: bool = Field(default=False, description="Its agreement is needed.")


class _Table(Section):
    rules: tuple[Participation, ...]


@dataclass(frozen=True, slots=True)
class Participations:
    """The dated table of bodies."""

    rules: tuple[Participation, ...]

    @classmethod
    def load(cls, path: Path = PACKAGED) -> Self:
        """Read a table; without a path, the one that comes with the system.

        Raises:
            ParticipationsInvalid: with everything that is wrong, by line and field.
        """
        table = load(path, _Table, invalid=ParticipationsInvalid, contradictions=_contradictions)
        return cls(table.rules)

    def required(self, type_code: str, direction: Direction, on: date) -> tuple[Participation, ...]:
        """Give who must take part in a decision taken on a day."""
        return tuple(
            rule
            for rule in self.rules
            if rule.type == type_code and direction in rule.directions and rule.in_force(on)
        )


def _contradictions(table: _Table) -> Iterator[Mistake]:
    for (_, first), (position, second) in combinations(enumerate(table.rules), 2):
        same = (first.type, first.body) == (second.type, second.body)
        if same and first.overlaps(second) and set(first.directions) & set(second.directions):
            yield Mistake(
                ("rules", position, "valid_from"),
                "overlaps an earlier rule for the same type and body; end that with valid_to",
            )
