"""What a period's figures are broken down by."""

from enum import StrEnum
from typing import NamedTuple

from services.controlling.policy.strata import Stratum


class Kind(StrEnum):
    """A breakdown. None is finer than a unit's decisions of one group and direction."""

    WHOLE = "whole"
    UNIT = "units"
    GROUP = "groups"
    DIRECTION = "directions"
    STRATUM = "strata"
    CHOSEN = "by"


class Cell(NamedTuple):
    """One line of a breakdown."""

    kind: Kind
    name: str

    def holds(self, key: str) -> bool:
        """Whether decisions of a stratum may belong here."""
        return self in cells_of(key) or self.kind is Kind.CHOSEN


WHOLE = Cell(Kind.WHOLE, "")


def cells_of(key: str, chosen: str | None = None) -> list[Cell]:
    """Name all cells that a decision of a stratum belongs to."""
    stratum = Stratum.parse(key)
    cells = [
        WHOLE,
        Cell(Kind.UNIT, stratum.unit),
        Cell(Kind.GROUP, stratum.group),
        Cell(Kind.DIRECTION, stratum.direction.value),
        Cell(Kind.STRATUM, key),
    ]
    return cells if chosen is None else [*cells, Cell(Kind.CHOSEN, chosen)]
