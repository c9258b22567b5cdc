"""Strata: decisions of one group, direction and unit are drawn at one rate."""

from dataclasses import dataclass
from typing import Self

from shared.events.vocabulary import Direction


@dataclass(frozen=True, slots=True)
class Stratum:
    """A cell of the sampling frame."""

    group: str
    direction: Direction
    unit: str

    @classmethod
    def parse(cls, key: str) -> Self:
        """Undo `key`; only a unit's name may hold a slash.

        Raises:
            ValueError: not the key of a stratum.
        """
        group, direction, unit = key.split("/", 2)
        return cls(group, Direction(direction), unit)

    @property
    def key(self) -> str:
        """The stratum's name in events, tables and reports."""
        return f"{self.group}/{self.direction.value}/{self.unit}"
