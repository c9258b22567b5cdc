"""What a period's figures are broken down by."""

from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from services.controlling.policy.lineage import UnitNow, as_named
from services.controlling.policy.strata import Stratum

PERIOD = "period"
"""What narrows the strata of several periods in one figure: each was drawn for itself."""


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


WHOLE = Cell(Kind.WHOLE, "")


def cells_of(key: str, unit_now: UnitNow = as_named) -> list[Cell]:
    """Name all cells that a decision of a stratum belongs to.

    Args:
        key: The stratum, as its decisions were drawn; of several periods, with its period.
        unit_now: What became of units: figures go on under the names of today.
    """
    drawn = Stratum.parse(key)
    narrowed = tuple(one for one in drawn.narrowed if one[0] != PERIOD)
    unit = unit_now(drawn.unit, drawn.group)
    stratum = replace(drawn, unit=unit, narrowed=narrowed)
    return [
        WHOLE,
        Cell(Kind.UNIT, stratum.unit),
        Cell(Kind.GROUP, stratum.group),
        Cell(Kind.DIRECTION, stratum.direction.value),
        Cell(Kind.STRATUM, stratum.key),
    ]
