"""What a period's figures are broken down by, and what adds up to what."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import NamedTuple

from services.controlling.policy.strata import Stratum
from services.controlling.statistics.suppression import Line


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


def lines(cells: Collection[Cell]) -> list[Line[Cell]]:
    """Tell what adds up to what: strata to their unit, group and direction, those to the whole."""
    strata = _of(Kind.STRATUM, cells)
    kinds = (Kind.UNIT, Kind.GROUP, Kind.DIRECTION, Kind.CHOSEN)
    found = [Line(WHOLE, totals) for kind in kinds if (totals := _of(kind, cells))]
    for total in (*_of(Kind.UNIT, cells), *_of(Kind.GROUP, cells), *_of(Kind.DIRECTION, cells)):
        parts = tuple(one for one in strata if total in cells_of(one.name))
        found.append(Line(total, parts))
    return found


def _of(kind: Kind, cells: Iterable[Cell]) -> tuple[Cell, ...]:
    return tuple(cell for cell in cells if cell.kind is kind)
