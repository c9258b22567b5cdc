"""Which part of a period is looked at. It only chooses among the lines of one released table.

Nothing is computed for a selection: what one selection shows, the whole table has released together
with all others. So no two of them can be held against each other to learn of fewer decisions.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.controlling.figures.cells import WHOLE, Cell, Kind, cells_of
from services.controlling.figures.period import PeriodFigures, Row

_OVERVIEW = (Kind.WHOLE, Kind.UNIT, Kind.GROUP, Kind.DIRECTION)


@dataclass(frozen=True, slots=True)
class Selection:
    """A unit, a direction, both or, when empty, everything."""

    unit: str = ""
    direction: str = ""

    def focus(self, figures: PeriodFigures) -> Cell | None:
        """Give the line that the sentence is about; None where no single one is."""
        match self._chosen:
            case ():
                return WHOLE
            case (one,):
                return one
        only = [cell for cell, _ in self.lines(figures)]
        return only[0] if len(only) == 1 else None

    def lines(self, figures: PeriodFigures) -> Iterator[tuple[Cell, Row]]:
        """Give the lines of the table: an overview, or what is chosen and the strata in it."""
        kinds = list(Kind)
        for cell, row in sorted(
            figures.rows.items(), key=lambda line: (kinds.index(line[0].kind), line[0].name)
        ):
            if self._shows(cell):
                yield cell, row

    @property
    def _chosen(self) -> tuple[Cell, ...]:
        pairs = ((Kind.UNIT, self.unit), (Kind.DIRECTION, self.direction))
        return tuple(Cell(kind, name) for kind, name in pairs if name)

    def _shows(self, cell: Cell) -> bool:
        if not self._chosen:
            return cell.kind in _OVERVIEW
        if cell.kind is Kind.STRATUM:
            return set(self._chosen) <= set(cells_of(cell.name))
        return self._chosen == (cell,)
