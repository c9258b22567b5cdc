"""Which figures may be shown: none about fewer than seven decisions, nor what tells of one.

What is computed about a unit, a period or any other part of the decisions is `Withheld`: nothing
can print, compare, write or pickle it. The only ways out look at the whole table that is to be
shown: `release` for counts, `release_told` for all that is made of what reviews found.

Source of the method: A. Hundepool et al., "Statistical Disclosure Control" (2012), 4.4: primary
suppression of small cells, complementary suppression of cells that would give them away; 4.5:
rounding.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Never, TypeVar

import numpy as np
from numpy.typing import NDArray

from services.controlling.statistics.alternatives import WIDTH, Errors, Figure, Findings
from services.controlling.statistics.disclosure import Parts, Shown
from services.controlling.statistics.errors import CountsContradict
from services.controlling.statistics.rounding import STEPS, step_above

MINIMUM = 7
HIDDEN = "not shown"
"""What stands where a figure may not."""

Cell = TypeVar("Cell", bound=Hashable)
Figures = TypeVar("Figures")
Told_co = TypeVar("Told_co", covariant=True)


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
    return one._figures  # noqa: SLF001 - likewise


@dataclass(frozen=True, slots=True)
class Part:
    """What was found in some decisions that no figure tells apart.

    Attributes:
        errors: How many of them are in error.
        size: How many they are.
    """

    errors: int
    size: int


@dataclass(frozen=True, slots=True)
class Telling(Generic[Told_co]):
    """How a figure is told of what may have been found.

    Attributes:
        parts: By part, by how much an error more there moves its rate; 0 where it has none.
        told: Gives what is told if these were the errors by part, at a step in thousandths.
    """

    parts: Mapping[Any, float]
    told: Callable[[Mapping[Any, int], int], Told_co]


@dataclass(frozen=True, slots=True)
class Standing:
    """A figure that was told before of the same decisions: it can't be told otherwise any more.

    Attributes:
        figure: How it was told.
        step: At which step, in thousandths; None: not at all.
    """

    figure: Telling[Any]
    step: int | None


def release_told(
    parts: Mapping[Any, Part],
    figures: Mapping[Cell, Telling[Told_co]],
    before: Sequence[Standing] = (),
) -> dict[Cell, Told_co | None]:
    """Give what may be told of a table, as finely as may be, and None where nothing may.

    Which figures there are follows from numbers of decisions alone, so it says nothing of what was
    found. A figure that holds fewer than `MINIMUM` decisions, or a part that has so few, is told in
    steps longer than what `WIDTH` errors there make of it, and less finely until other findings
    that differ by as much give the same figures, those that were told before among them.

    Args:
        parts: What was found, by part.
        figures: All figures of the table.
        before: What was told of these parts before.
    """
    names = list(parts)
    shown = [one for one in before if one.step is not None]
    about: dict[Any, Telling[Any]] = dict(figures) | {
        ("before", number): one.figure for number, one in enumerate(shown)
    }
    sizes = {
        cell: {part: (0, parts[part].size) for part in one.parts} for cell, one in about.items()
    }
    hidden = suppressed(sizes, about.keys() - figures.keys())
    told = {cell: _figure(one, parts, names) for cell, one in figures.items() if cell not in hidden}
    errors, size = (
        np.array(column, dtype=np.int64)
        for column in zip(*((one.errors, one.size) for one in parts.values()), strict=True)
    )
    if not told:
        return dict.fromkeys(figures)
    stands = [_standing(one, names) for one in shown]
    every = [*figures.values(), *(one.figure for one in before)]
    findings = Findings(errors, size, [*told.values(), *stands])
    for few in _few(names, size, every, [*told.values(), *stands]):
        findings.open_up(few)
    return {
        cell: told[cell].told(errors, step) if cell in told and (step := told[cell].step) else None
        for cell in figures
    }


def _figure(one: Telling[Any], parts: Mapping[Any, Part], names: Sequence[Any]) -> Figure:
    weights, about = _weights(one, names)
    few = [weight for name, weight in one.parts.items() if 0 < parts[name].size < MINIMUM]
    if not weights.any():
        return Figure(_of_array(one, names), weights, about, 0, STEPS[-1])
    size = sum(parts[name].size for name in one.parts)
    finest = step_above(WIDTH * max(few, default=0.0))
    return Figure(_of_array(one, names), weights, about, size, finest)


def _standing(one: Standing, names: Sequence[Any]) -> Figure:
    weights, about = _weights(one.figure, names)
    return Figure(_of_array(one.figure, names), weights, about, 0, one.step, stands=True)


def _weights(
    one: Telling[Any], names: Sequence[Any]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    weights = np.array([one.parts.get(name, 0.0) for name in names])
    return weights, np.array([name in one.parts for name in names])


def _of_array(one: Telling[Told_co], names: Sequence[Any]) -> Callable[[Errors, int], Told_co]:
    return lambda errors, step: one.told(dict(zip(names, errors.tolist(), strict=True)), step)


def _few(
    names: Sequence[Any],
    sizes: NDArray[np.int64],
    figures: Collection[Telling[Any]],
    told: Collection[Figure],
) -> list[NDArray[np.bool_]]:
    """Give what is about too few decisions: parts, figures, and what lies between two."""
    about = [np.array([name in one.parts for name in names]) for one in figures]
    shown = [one.about for one in told]
    between = [
        shown[one] & ~shown[two] for one, two in zip(*np.nonzero(_inside(shown)), strict=True)
    ]
    every = [*np.eye(len(names), dtype=bool), *about, *between]
    few = {one.tobytes(): one for one in every if 0 < sizes[one].sum() < MINIMUM}
    return sorted(few.values(), key=lambda one: (int(sizes[one].sum()), one.tobytes()))


def _inside(shown: Sequence[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Tell of each two figures whether the first is about all parts of the second."""
    about = np.array(shown, dtype=np.float32)  # whole numbers; these are multiplied fast
    return np.asarray((1 - about) @ about.T == 0)


def suppressed(
    cells: Mapping[Cell, Parts], before: Collection[Cell] = frozenset()
) -> frozenset[Cell]:
    """Name the cells that must not be shown.

    Hidden are all cells about 1 to `MINIMUM` - 1 decisions, and then others, the smallest first,
    until nothing follows: of no hidden cell how many errors it has, of no cell or part about fewer
    than `MINIMUM` decisions that they are so few. A cell of no decision has no figure to hide. If
    all decisions of the table are in error, or none is, that is no secret: to hide the figure about
    all of them would tell the same.

    Args:
        cells: The parts of each figure.
        before: Those of them that were shown before and can't be hidden any more.

    Raises:
        CountsContradict: two figures say different things of a part.
    """
    table = _Table(cells, frozenset(before))
    small = {cell for cell in cells if 0 < table.sizes[cell] < MINIMUM and cell not in before}
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

    def __init__(self, cells: Mapping[Cell, Parts], before: frozenset[Cell]) -> None:
        self._parts = _together(cells.values())
        self._before = before
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
        """Choose one more cell to hide, or None when none that may be gives anything away."""
        shown = self._shown(hidden)
        for given_away in self._given_away(hidden):
            figures = [given_away, *(self._about[cell] for cell in self._order if cell in hidden)]
            alone = (_near(figure, shown, alone=True) for figure in figures)
            near = next(filter(None, alone), None) or _near(given_away, shown, alone=False)
            touching = {cell for cell, about in shown.items() if about & given_away}
            if may_be := near - self._before or touching - self._before:
                return min(may_be, key=self.rank)
        return None

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
