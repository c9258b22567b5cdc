"""Somebody who tries all that reviews could have found, where decisions are few enough for that.

Limits, bounds, the comparison of units: whatever is told of findings can be made anew of other
ones, at the step at which it was told. In a small period all that could have been found can be
tried so, and what would have been told otherwise be left out. What the rest has in common is worked
out: nothing that follows from the figures is missed, be it a straight line or not. For larger
periods nothing else is done with figures than for small ones; there are only more ways to find the
same.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from services.controlling.figures.cells import Cell, Kind, cells_of
from services.controlling.figures.period import period_figures
from services.controlling.figures.table import Key as TableKey
from services.controlling.figures.table import Part, Table
from services.controlling.figures.told import ToldConsistency, ToldRate, tell_consistency
from services.controlling.statistics.consistency import differences, homogeneity
from services.controlling.statistics.rounding import STEPS
from tests.proof.auditor import Auditor, Auditors, Case, Key

MOST = 400_000
"""So many findings are tried."""
_CLOSE = 1e-9
Errors = NDArray[np.int64]
"""By part."""


class Worlds(Auditors):
    """Attack all outputs about the same decisions together, by all that could have been found."""

    def __init__(self, cases: Sequence[Case], beside: str | None = None) -> None:
        """Read what was told, and lay out what could have been found, the nearest first."""
        super().__init__(cases, beside)
        assert np.prod(self.sizes + 1) <= MOST, "too much to try all of it"
        every = np.indices((self.sizes + 1).tolist()).reshape(len(self.sizes), -1).T
        far = np.abs(every - self.errors).sum(axis=1)
        self._worlds = every[np.argsort(far, kind="stable")]
        self._outputs = [_Output(case, beside) for case in cases]
        self._fitting: dict[tuple[int, ...], Errors] = {}

    def falls(self, few: NDArray[np.bool_], outputs: Iterable[int]) -> bool:
        """Whether all that would have been told so has as many errors in a few decisions."""
        numbers = tuple(outputs)
        if numbers not in self._fitting:
            self._fitting[numbers] = self._along_the_lines(numbers)
        fitting = self._fitting[numbers]
        others = fitting[fitting[:, few].sum(axis=1) != self.errors[few].sum()]
        return not any(all(self._is_told(world, one) for one in numbers) for world in others)

    def _along_the_lines(self, outputs: Iterable[int]) -> Errors:
        """Leave out what no rate and no bound allows: it is found at once."""
        found: Errors = self._worlds
        for one in outputs:
            for row, low, high in self.told[one][0]:
                sums = found @ row
                found = found[(low - _CLOSE <= sums) & (sums <= high + _CLOSE)]
        return found

    def _is_told(self, world: Errors, output: int) -> bool:
        errors: dict[Key, int] = {}
        for key, count in zip(self.keys[output], world.tolist(), strict=True):
            if key is not None:
                errors[key] = errors.get(key, 0) + count
        return self._outputs[output].is_told_of(errors)


class _Output:
    """Makes the figures of an output anew, of other findings."""

    def __init__(self, case: Case, beside: str | None) -> None:
        figures = case.told or period_figures(case.sample, case.reviews, case.asked)
        self._unit_now = case.asked.unit_now
        self._table = _table(case, beside)
        rows = {
            cell: row.facts if beside else row.plain
            for cell, row in figures.rows.items()
            if row.plain is not None
        }
        self._rows = {cell: row for cell, row in rows.items() if row is not None}
        self._consistency = None if beside else figures.consistency
        self._known: dict[tuple[Cell | None, tuple[int, ...]], bool] = {}

    def is_told_of(self, errors: Mapping[Key, int]) -> bool:
        """Whether all of it would have been told, to the last character."""
        found = {TableKey(*key): count for key, count in errors.items()}
        return all(self._is_same(cell, found) for cell in (*self._rows, None))

    def _is_same(self, cell: Cell | None, errors: Mapping[TableKey, int]) -> bool:
        """Ask for one line, or for the comparison."""
        keys = self._table.parts if cell is None else self._table.cells[cell]
        found = cell, tuple(errors[key] for key in keys)
        if found not in self._known:
            if cell is None:
                told = self._consistency
                self._known[found] = told is None or told == self._compared(errors)
            else:
                self._known[found] = self._rows[cell] == self._line(cell, errors)
        return self._known[found]

    def _line(self, cell: Cell, errors: Mapping[TableKey, int]) -> ToldRate:
        told = self._rows[cell].estimate
        return self._table.told(cell, errors, round(1_000 * told.step) if told else STEPS[-1])

    def _compared(self, errors: Mapping[TableKey, int]) -> ToldConsistency:
        mix = self._table.mix(errors, self._unit_now)
        found = tell_consistency(homogeneity(mix), differences(mix))
        shown = {cell.name for cell in self._rows if cell.kind is Kind.UNIT}
        units = {name: one if name in shown else None for name, one in found.units.items()}
        return ToldConsistency(found.p_value, found.deviation, units, found.deviation_limits)


def _table(case: Case, beside: str | None) -> Table:
    auditor = Auditor(case, beside)
    parts: dict[TableKey, Part] = {}
    for _, key, review in auditor.findings():
        one = parts.get(TableKey(*key), Part(key.drawn))
        applies, errs = auditor.counts(review)
        parts[TableKey(*key)] = Part(
            key.drawn, one.reviewed + 1, one.applicable + applies, one.errors + errs
        )
    strata = {key: cells_of(key, unit_now=case.asked.unit_now) for key in case.sample.sizes}
    where = {
        cell: [one for one, cells in strata.items() if cell.kind is Kind.CHOSEN or cell in cells]
        for key in parts
        for cell in key.cells
    }
    return Table(case.sample, where, parts, case.asked.confidence)
