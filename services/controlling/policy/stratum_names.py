"""Whole names of strata, as people read them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from services.controlling.policy.strata import Stratum
from shared.events.vocabulary import Direction
from shared.law.decision_types import DecisionTypes
from shared.organisation.model import Organisation
from shared.web.pages.spoken import spoken
from shared.web.pages.words import Language

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class StratumNames:
    """Names strata and their parts in one language.

    Attributes:
        directions: What the directions are called.
    """

    types: DecisionTypes
    organisation: Organisation
    language: Language
    directions: Mapping[str, str]

    @classmethod
    def told(cls, types: DecisionTypes, organisation: Organisation, language: str) -> Self:
        """Name them as commands do."""
        say = spoken(language, FOLDER)
        directions = {one.value: say(f"direction.{one}") for one in Direction}
        return cls(types, organisation, say.language, directions)

    def stratum(self, key: str) -> str:
        """Name a stratum by its parts."""
        parts = Stratum.parse(key)
        group = self.group(key.partition("/")[0])
        return f"{group}, {self.directions[parts.direction]}, {self.unit(parts.unit)}"

    def group(self, key: str) -> str:
        """Name a group of decision types; what narrows it stands behind, as the policy has it."""
        head, bracket, narrowed = key.partition("(")
        known = {one.key: one.name for one in self.types.groups}
        name = getattr(known.get(head), self.language.value, head)
        return f"{name} {bracket}{narrowed}" if bracket else str(name)

    def unit(self, key: str) -> str:
        """Name a unit; one that is no more by its key."""
        return self.organisation.unit_name(key, self.language.value)
