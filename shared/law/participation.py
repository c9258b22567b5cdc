"""Whom the authority must involve before it decides, read from `participation.yaml`."""

from collections.abc import Collection, Iterator
from datetime import date
from itertools import combinations

from pydantic import Field

from shared.configuration.yaml_file import Mistake
from shared.events.vocabulary import Code, Direction
from shared.law.dated_table import DatedTable
from shared.law.decision_types import no_type
from shared.law.errors import ParticipationsInvalid
from shared.law.rule import Rule

FILE = "participation.yaml"


class Participation(Rule):
    """A body that takes part in every decision of a type."""

    type: Code
    directions: tuple[Direction, ...] = Field(min_length=1)
    body: Code
    consent: bool = Field(default=False, description="Its agreement is needed.")


class Participations(DatedTable):
    """The dated table of bodies."""

    file = FILE
    invalid = ParticipationsInvalid
    rules: tuple[Participation, ...]

    def required(self, type_code: str, direction: Direction, on: date) -> tuple[Participation, ...]:
        """Give who must take part in a decision taken on a day."""
        return tuple(
            rule
            for rule in self.rules
            if rule.type == type_code and direction in rule.directions and rule.in_force(on)
        )

    def contradictions(self) -> Iterator[Mistake]:
        """Say which rules can't be in force beside each other."""
        for (_, first), (position, second) in combinations(enumerate(self.rules), 2):
            same = (first.type, first.body) == (second.type, second.body)
            if same and first.overlaps(second) and set(first.directions) & set(second.directions):
                yield Mistake(
                    ("rules", position, "valid_from"),
                    "overlaps an earlier rule for the same type and body; end that with valid_to",
                )

    def unknown_types(self, codes: Collection[str]) -> Iterator[Mistake]:
        """Say which rules are about decision types that there aren't."""
        for position, rule in enumerate(self.rules):
            if rule.type not in codes:
                yield Mistake(("rules", position, "type"), no_type(rule.type, codes))
