"""Whole names of strata, as people read them on a terminal. Pure."""

from dataclasses import dataclass
from pathlib import Path

from services.controlling.policy.strata import Stratum
from shared.law.decision_types import DecisionTypes
from shared.organisation.model import Organisation
from shared.web.pages.spoken import Spoken

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class StratumNames:
    """Names strata and their parts in one language.

    Attributes:
        say: Says what the catalogue of this room has.
    """

    types: DecisionTypes
    organisation: Organisation
    say: Spoken

    def stratum(self, key: str) -> str:
        """Name a stratum by its parts."""
        parts = Stratum.parse(key)
        group = self.group(key.partition("/")[0])
        return f"{group}, {self.direction(parts.direction)}, {self.unit(parts.unit)}"

    def group(self, key: str) -> str:
        """Name a group of decisions; what narrows it stands behind, as the policy has it."""
        head, bracket, narrowed = key.partition("(")
        known = {one.key: one.name for one in self.types.groups}
        name = getattr(known.get(head), self.say.language.value, head)
        return f"{name} {bracket}{narrowed}" if bracket else str(name)

    def direction(self, key: str) -> str:
        """Name a direction."""
        return self.say(f"direction.{key}")

    def unit(self, key: str) -> str:
        """Name a unit; one that is no more by its key."""
        return self.organisation.unit_name(key, self.say.language.value)
