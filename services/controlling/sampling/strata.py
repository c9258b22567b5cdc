"""Strata: decisions of one group, direction and unit are drawn at one rate."""

from dataclasses import dataclass

from shared.events.vocabulary import Direction


@dataclass(frozen=True, slots=True)
class Stratum:
    """A cell of the sampling frame."""

    group: str
    direction: Direction
    unit: str

    @property
    def key(self) -> str:
        """The stratum's name in events, tables and reports."""
        return f"{self.group}/{self.direction.value}/{self.unit}"
