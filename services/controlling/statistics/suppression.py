"""Which figures may be shown: none about fewer than seven decisions, nor what tells of one.

What is computed about a unit, a period or any other part of the decisions is `Withheld`: nothing
can print, compare, write or pickle it. The only way out is `release`, which looks at the whole
table that is to be shown.

Source of the method: A. Hundepool et al., "Statistical Disclosure Control" (2012), 4.4: primary
suppression of small cells, complementary suppression of cells that would give them away.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import Any, Generic, Never, TypeVar

from services.controlling.statistics.disclosure import Parts, Shown
from services.controlling.statistics.errors import CountsContradict

MINIMUM = 7
HIDDEN = "not shown"
"""What stands where a figure may not."""
WHY = f"about fewer than {MINIMUM}, or another one about so few would follow"
"""Why it may not."""

Cell = TypeVar("Cell", bound=Hashable)
Figures = TypeVar("Figures")


class Withheld(Generic[Figures]):
    """Figures about some decisions that nobody may see yet."""

    __slots__ = ("_figures", "_parts")

    def __init__(self, parts: Parts, figures: Figures) -> None:
        """Lock figures up.

        Args:
            parts: Errors and decisions of the disjoint parts that the figures are about; what two
                figures of a table have in common are parts of both. No errors where none count.
            figures: Anything.
        """
        self._parts = parts
        self._figures = figures

    def __repr__(self) -> str:
        return "<withheld>"

    def __reduce__(self) -> Never:
        raise TypeError("withheld figures can't be written; release them first")


def release(cells: Mapping[Cell, Withheld[Figures]]) -> dict[Cell, Figures | None]:
    """Give what may be shown of a table, and None where nothing may.

    Args:
        cells: The figures of the table, all of them: what is left out isn't protected.

    Raises:
        CountsContradict: two figures say different things of a part.
    """
    hidden = suppressed({cell: _parts(one) for cell, one in cells.items()})
    return {cell: None if cell in hidden else _figures(one) for cell, one in cells.items()}


def release_parts(parts: Mapping[Cell, Withheld[Figures]]) -> dict[Cell, Figures | None]:
    """Give what may be shown of parts beside a figure about all of them together."""
    about: dict[object, Parts] = {name: _parts(one) for name, one in parts.items()}
    hidden = suppressed({**about, object(): _together(about.values())})
    return {name: None if name in hidden else _figures(one) for name, one in parts.items()}


def _parts(one: Withheld[Figures]) -> Parts:
    return one._parts  # noqa: SLF001 - the lint rule keeps everybody else out


def _figures(one: Withheld[Figures]) -> Figures:
    return one._figures  # noqa: SLF001


def suppressed(cells: Mapping[Cell, Parts]) -> frozenset[Cell]:
    """Name the cells that must not be shown.

    Hidden are all cells about 1 to `MINIMUM` - 1 decisions, and then others, the smallest first,
    until nothing follows: of no hidden cell how many errors it has, of no cell or part about fewer
    than `MINIMUM` decisions that they are so few. A cell of no decision has no figure to hide. If
    all decisions of the table are in error, or none is, that is no secret: to hide the figure about
    all of them would tell the same.

    Args:
        cells: The parts of each figure.

    Raises:
        CountsContradict: two figures say different things of a part.
    """
    table = _Table(cells)
    small = {cell for cell in cells if 0 < table.sizes[cell] < MINIMUM}
    hidden = set(small)
    while (cell := table.next(hidden)) is not None:
        hidden.add(cell)
    for cell in sorted(hidden - small, key=table.rank, reverse=True):
        if table.is_closed(hidden - {cell}):
            hidden.remove(cell)
    return frozenset(hidden)


def _together(figures: Iterable[Parts]) -> Parts:
    parts: dict[Any, tuple[int, int]] = {}
    for figure in figures:
        for part, counts in figure.items():
            if parts.setdefault(part, counts) != counts:
                raise CountsContradict(f"two figures say different things of {part}")
    return parts


class _Table(Generic[Cell]):
    """All figures that are to be shown together."""

    def __init__(self, cells: Mapping[Cell, Parts]) -> None:
        self._parts = _together(cells.values())
        self._about = {
            cell: frozenset(part for part, (_, size) in about.items() if size)
            for cell, about in cells.items()
        }
        self.sizes = {
            cell: sum(size for _, size in about.values()) for cell, about in cells.items()
        }
        self._order = {cell: number for number, cell in enumerate(cells)}
        errors = sum(wrong for wrong, _ in self._parts.values())
        self._errors_tell = 0 < errors < sum(size for _, size in self._parts.values())
        self._few = {
            frozenset([part]) for part, (_, size) in self._parts.items() if 0 < size < MINIMUM
        } - set(self._about.values())

    def rank(self, cell: Cell) -> tuple[int, int, int]:
        """Order cells by what is lost when they are hidden."""
        return self.sizes[cell], len(self._about[cell]), self._order[cell]

    def is_closed(self, hidden: Collection[Cell]) -> bool:
        """Whether nothing hidden follows."""
        return next(self._given_away(hidden), None) is None

    def next(self, hidden: Collection[Cell]) -> Cell | None:
        """Choose one more cell to hide, or None when nothing gives anything away."""
        given_away = next(self._given_away(hidden), None)
        if given_away is None:
            return None
        shown = self._shown(hidden)
        figures = [given_away, *(self._about[cell] for cell in self._order if cell in hidden)]
        alone = (_near(figure, shown, alone=True) for figure in figures)
        near = next(filter(None, alone), None) or _near(given_away, shown, alone=False)
        return min(near, key=self.rank)

    def _given_away(self, hidden: Collection[Cell]) -> Iterator[frozenset[Any]]:
        """Give what follows, by its parts."""
        shown = Shown(self._parts, self._shown(hidden).values())
        for figure in {self._about[cell]: None for cell in self._order if cell in hidden}:
            size = sum(self._parts[part][1] for part in figure)
            if (size < MINIMUM and not shown.leaves_size_open(figure, MINIMUM)) or (
                self._errors_tell and not shown.leaves_errors_open(figure)
            ):
                yield figure
        for figure in self._few:
            if not shown.leaves_size_open(figure, MINIMUM):
                yield figure

    def _shown(self, hidden: Collection[Cell]) -> dict[Cell, frozenset[Any]]:
        return {cell: about for cell, about in self._about.items() if about and cell not in hidden}


def _near(
    figure: frozenset[Any], shown: Mapping[Cell, frozenset[Any]], *, alone: bool
) -> set[Cell]:
    """Find what a figure may follow from: the next totals it is in, and what these are made of.

    Args:
        figure: Its parts.
        shown: The parts of each shown figure.
        alone: Only totals of which nothing else is hidden.
    """
    same = {cell for cell, about in shown.items() if about == figure}
    if same:
        return same
    near = set[frozenset[Any]]()
    for total in _least(about for about in shown.values() if about > figure):
        inside = _least((about for about in shown.values() if about < total), most=True)
        if not alone or total.difference(*inside) <= figure:
            near |= {about for about in inside if not _cross(about, figure)} or inside or {total}
    return {cell for cell, about in shown.items() if about in near or not (alone or near)}


def _least(sets: Iterable[frozenset[Any]], *, most: bool = False) -> set[frozenset[Any]]:
    """Leave out the sets that hold another one, or with `most` those that another one holds."""
    every = set(sets)
    return {
        one for one in every if not any(other > one if most else other < one for other in every)
    }


def _cross(one: frozenset[Any], other: frozenset[Any]) -> bool:
    return bool(one & other and one - other and other - one)
