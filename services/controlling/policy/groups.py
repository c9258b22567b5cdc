"""In which group a decision type is: the part of the catalogue that the draw uses.

A period keeps it as it opens, so a catalogue that changes meanwhile moves no decision.
"""

from datetime import date
from typing import Self

from pydantic import Field

from shared.configuration.yaml_file import Section
from shared.events.vocabulary import Code
from shared.law.decision_types import DecisionTypes


class TypeGroup(Section):
    """The group of one decision type, as the law has it on some days."""

    code: Code
    group: Code
    valid_from: date
    valid_to: date | None = Field(default=None, description="Last day in force.")


class TypeGroups(Section):
    """The groups of all types; `unlisted` is that of whatever isn't in force on its day."""

    unlisted: Code
    types: tuple[TypeGroup, ...]

    @classmethod
    def of(cls, types: DecisionTypes) -> Self:
        """Take them from the catalogue, in the order of its file."""
        found = (
            TypeGroup(
                code=one.code, group=one.group, valid_from=one.valid_from, valid_to=one.valid_to
            )
            for one in types.every()
        )
        return cls(unlisted=types.unlisted, types=tuple(found))

    def group_of(self, type_code: str, on: date) -> str:
        """Give the group of a decision taken on a day."""
        for one in self.types:
            if one.code == type_code and one.valid_from <= on <= (one.valid_to or date.max):
                return one.group
        return self.unlisted
