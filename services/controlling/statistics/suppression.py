"""Which figures may be shown: none about fewer than seven decisions, directly or by subtraction.

What is computed about a unit, a period or any other part of the decisions is `Withheld`: nothing
can print, compare, write or pickle it. The only way out is `release`, which looks at the whole
table that is to be shown.

Source of the method: A. Hundepool et al., "Statistical Disclosure Control" (2012), 4.4: primary
suppression of small cells, complementary suppression of cells that would give them away.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Never, TypeVar

import numpy as np

from services.controlling.statistics.errors import CountsContradict

MINIMUM = 7
HIDDEN = f"suppressed (n<{MINIMUM})"
"""What stands where a figure may not."""
_NOTHING = 1e-9

Cell = TypeVar("Cell", bound=Hashable)
Figures = TypeVar("Figures")


@dataclass(frozen=True, slots=True)
class Line(Generic[Cell]):
    """Figures that add up to another one, as the units of an authority to the whole."""

    total: Cell
    parts: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The parts and their total."""
        return (*self.parts, self.total)


class Withheld(Generic[Figures]):
    """Figures about some decisions that nobody may see yet."""

    __slots__ = ("_figures", "_size")

    def __init__(self, size: int, figures: Figures) -> None:
        """Lock figures up.

        Args:
            size: Decisions the figures are about.
            figures: Anything.
        """
        self._size = size
        self._figures = figures

    def __repr__(self) -> str:
        return "<withheld>"

    def __reduce__(self) -> Never:
        raise TypeError("withheld figures can't be written; release them first")


def release(
    cells: Mapping[Cell, Withheld[Figures]],
    lines: Sequence[Line[Cell]] = (),
    minimum: int = MINIMUM,
) -> dict[Cell, Figures | None]:
    """Give what may be shown of a table, and None where nothing may.

    Args:
        cells: The figures of the table, all of them: what is left out isn't protected.
        lines: What adds up to what, as in `suppressed`.
        minimum: Decisions a figure needs.

    Raises:
        CountsContradict: the parts of a line don't add up to its total.
    """
    hidden = suppressed({cell: _size(one) for cell, one in cells.items()}, lines, minimum)
    return {cell: None if cell in hidden else _figures(one) for cell, one in cells.items()}


def release_parts(
    parts: Mapping[Cell, Withheld[Figures]], whole: int, minimum: int = MINIMUM
) -> dict[Cell, Figures | None]:
    """Give what may be shown of parts beside a figure about all `whole` decisions."""
    total = object()
    sizes: dict[object, int] = {part: _size(one) for part, one in parts.items()}
    hidden = suppressed({**sizes, total: whole}, [Line(total, tuple(parts))], minimum)
    return {part: None if part in hidden else _figures(one) for part, one in parts.items()}


def _size(one: Withheld[Figures]) -> int:
    return one._size  # noqa: SLF001 - the lint rule keeps everybody else out


def _figures(one: Withheld[Figures]) -> Figures:
    return one._figures  # noqa: SLF001


def suppressed(
    sizes: Mapping[Cell, int], lines: Sequence[Line[Cell]], minimum: int = MINIMUM
) -> frozenset[Cell]:
    """Name the cells that must not be shown.

    Hidden are all cells about 1 to `minimum` - 1 decisions, and then the smallest others, until no
    hidden cell follows from the shown ones by adding and subtracting, and no line leaves a rest
    of fewer than `minimum` decisions. A cell of no decision has no figure to hide.

    Args:
        sizes: Decisions behind each figure.
        lines: What adds up to what, in all directions that are shown.
        minimum: Decisions a figure needs.

    Raises:
        CountsContradict: the parts of a line don't add up to its total.
    """
    for line in lines:
        if sum(sizes[part] for part in line.parts) != sizes[line.total]:
            raise CountsContradict(f"the parts don't add up to {line.total}")
    hidden = {cell for cell, size in sizes.items() if 0 < size < minimum}
    while (cell := _next(hidden, sizes, lines, minimum)) is not None:
        hidden.add(cell)
    return frozenset(hidden)


def _next(
    hidden: set[Cell], sizes: Mapping[Cell, int], lines: Sequence[Line[Cell]], minimum: int
) -> Cell | None:
    """Choose one more cell to hide, or None when nothing gives anything away."""
    for line in lines:
        rest = sum(sizes[part] for part in line.parts if part in hidden)
        if line.total not in hidden and 0 < rest < minimum:
            return _smallest([line], hidden, sizes)
    exposed = _exposed(hidden, lines)
    if not exposed:
        return None
    alone = [line for line in lines if len(hidden.intersection(line.cells)) == 1]
    near = alone or [line for line in lines if exposed.intersection(line.cells)]
    return _smallest(near, hidden, sizes) or _smallest(lines, hidden, sizes)


def _smallest(
    lines: Iterable[Line[Cell]], hidden: Collection[Cell], sizes: Mapping[Cell, int]
) -> Cell | None:
    """Choose the smallest shown cell; parts go before totals, since reports lead with totals."""
    shown = [
        (cell == line.total, sizes[cell], number, cell)
        for number, line in enumerate(lines)
        for cell in line.cells
        if cell not in hidden and sizes[cell] > 0
    ]
    return min(shown, key=lambda one: one[:3])[3] if shown else None


def _exposed(hidden: Collection[Cell], lines: Sequence[Line[Cell]]) -> set[Cell]:
    """Find hidden cells whose value the lines leave no freedom: those outside the null space."""
    cells = sorted(hidden, key=str)
    if not cells or not lines:
        return set()
    equations = np.array(
        [[(cell in line.parts) - float(cell == line.total) for cell in cells] for line in lines]
    )
    _, strengths, directions = np.linalg.svd(equations)
    free = directions[int((strengths > _NOTHING).sum()) :]
    freedom = np.abs(free).sum(axis=0)
    return {cell for cell, leeway in zip(cells, freedom, strict=True) if leeway < _NOTHING}
