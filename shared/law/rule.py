"""What every rule of law kept as data carries."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.configuration.yaml_file import Section

Citation = Annotated[str, StringConstraints(min_length=3, max_length=200)]


class Rule(Section):
    """A rule that is in force on some days, and where it stands."""

    valid_from: date
    valid_to: date | None = Field(default=None, description="Last day in force; open when absent.")
    citation: Citation

    def in_force(self, on: date) -> bool:
        """Whether the rule is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def overlaps(self, other: "Rule") -> bool:
        """Whether there is a day on which both rules are in force."""
        return self.valid_from <= (other.valid_to or date.max) and other.valid_from <= (
            self.valid_to or date.max
        )
