"""Whom the authority must involve before it decides, read from `participation.yaml`."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Self

from pydantic import Field

from shared.configuration.places import law_file
from shared.configuration.yaml_file import Mistake, Section, load
from shared.events.vocabulary import Code, Direction
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


class _Table(Section):
    rules: tuple[Participation, ...]


@dataclass(frozen=True, slots=True)
class Participations:
    """The dated table of bodies."""

    rules: tuple[Participation, ...]

    @classmethod
    def load(cls, path: Path | None = None, codes: Collection[str] | None = None) -> Self:
        """Read a table.

        Args:
            path: The file; without it, that of the law in force here.
            codes: The decision types that there are; None leaves that unchecked.

        Raises:
            ParticipationsInvalid: with everything that is wrong, by line and field.
        """

        def contradictions(table: _Table) -> Iterator[Mistake]:
            yield from _contradictions(table)
            if codes is not None:
                yield from _unknown_types(table, codes)

        table = load(
            path or law_file(FILE),
            _Table,
            invalid=ParticipationsInvalid,
            contradictions=contradictions,
        )
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


def _unknown_types(table: _Table, codes: Collection[str]) -> Iterator[Mistake]:
    for position, rule in enumerate(table.rules):
        if rule.type not in codes:
            yield Mistake(("rules", position, "type"), no_type(rule.type, codes))
