"""What else reviews could have found, with every figure that is told the same to the last digit.

Who reads figures knows how many decisions each is about, how they were drawn and how figures are
made, and nothing of what was found but the figures themselves. What was found in a few decisions
stays open as long as other findings would have given the same figures. They are looked for by
adding errors there, or taking some away, and giving or taking as many as needed in one or two other
parts; then the figures are computed of them as they were of the true ones, and compared. Findings
that are further away aren't looked for: when in doubt, a number passes for given away, and what
stands in the way is told less finely.

Source: the sliding protection of cells that a reader must not know to within a width, in A.
Hundepool et al., "Statistical Disclosure Control" (2012), 4.3; the exchanges are those of P.
Diaconis, B. Sturmfels, "Algebraic algorithms for sampling from conditional distributions", Annals
of Statistics 26 (1998).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations, product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.controlling.statistics.rounding import coarser, within

WIDTH = 1
"""So many errors more or fewer there may be in a part: three numbers are possible, or, of a single
decision, both."""
_TRIED = 60
_NEAR = 60
_CLOSE = 1e-9
_NEVER = 10**9  # more than any table has decisions

Errors = NDArray[np.int64]
"""Errors by part."""


@dataclass(slots=True)
class Figure:
    """A figure, and how finely it is told.

    Attributes:
        told: What is told of it if these were the errors, at a step.
        weights: By part, by how much one error more moves its rate; all 0 where it has none.
        about: Which parts it is about.
        size: How many decisions that are.
        step: In thousandths; None: nothing is told of it.
        stands: Whether it was told before, so that its step can't change any more.
    """

    told: Callable[[Errors, int], Any]
    weights: NDArray[np.float64]
    about: NDArray[np.bool_]
    size: int
    step: int | None
    stands: bool = False
    _as_found: tuple[int, Any] | None = field(default=None, repr=False)
    _room: tuple[int, tuple[float, float]] | None = field(default=None, repr=False)

    def tells_apart(self, found: Errors, other: Errors) -> bool:
        """Whether a reader sees which of two findings it was made of."""
        if self.step is None or np.array_equal(found[self.about], other[self.about]):
            return False
        if self._as_found is None or self._as_found[0] != self.step:
            self._as_found = self.step, self.told(found, self.step)
        return bool(self._as_found[1] != self.told(other, self.step))

    def tells_all(self, found: Errors) -> bool:
        """Whether it says that none of its decisions is in error, or that all are."""
        moves = self.weights[self.about]
        if not self.stands or self.step is None or not moves.any():
            return False
        step = within(float(self.weights @ found), self.step)
        none = step.lower == 0 and bool((moves >= step.upper).all())
        return none or (step.upper == 1 and bool((1 - moves < step.lower).all()))

    def room(self, found: Errors) -> tuple[float, float]:
        """By how much its rate may fall and rise within its step."""
        if self.step is None or not self.weights.any():
            return -np.inf, np.inf
        if self._room is None or self._room[0] != self.step:
            rate = float(self.weights @ found)
            step = within(rate, self.step)
            rise = step.upper - rate + (_CLOSE if step.upper == 1 else -_CLOSE)
            self._room = self.step, (step.lower - rate - _CLOSE, rise)
        return self._room[1]


class _Attempt(NamedTuple):
    """Other findings, or the figures that tell them apart from the true ones."""

    errors: Errors
    told_apart: Sequence[Figure]

    @property
    def price(self) -> tuple[int, int]:
        """What it costs to tell less of what tells them apart."""
        sizes = (_NEVER if one.stands else one.size for one in self.told_apart)
        return sum(sizes), len(self.told_apart)

    @property
    def may_be(self) -> bool:
        """Whether all of it may still be told less finely."""
        return not any(one.stands for one in self.told_apart)


class Findings:
    """What was found, and all that is told of it."""

    def __init__(self, errors: Errors, sizes: Errors, figures: Sequence[Figure]) -> None:
        """Look at figures.

        Args:
            errors: As found, by part.
            sizes: Decisions of each part.
            figures: Everything that is told; how finely may change.
        """
        self._found, self._sizes = errors, sizes
        self._figures = figures
        self._weights = np.array([one.weights for one in figures])
        self._about = np.array([one.about for one in figures])
        told = [one.about for one in figures if one.tells_all(errors)]
        self._told_before = np.any([np.zeros(len(sizes), dtype=bool), *told], axis=0)

    def open_up(self, few: NDArray[np.bool_]) -> None:
        """Tell less finely what stands in the way, until the errors of some parts are open.

        Args:
            few: The parts, of which nobody may know the errors to within `WIDTH`.
        """
        if self._told_before[few].all():
            return  # that of many none is in error, or all, was told of each few of them
        while (closed := self._closed(few)) is not None:
            for figure in closed.told_apart:
                figure.step = coarser(figure.step) if figure.step else None

    def _closed(self, few: NDArray[np.bool_]) -> _Attempt | None:
        """Give the cheapest way to open some parts; None when they are open."""
        wanted = min(WIDTH, int(self._sizes[few].sum()))
        reached, failed = {0}, []
        for change in (1, -1, 2, -2):
            attempt = self._other(few, change)
            if attempt is not None and not attempt.told_apart:
                reached.add(change)
            elif attempt is not None:
                failed.append(attempt)
            if max(reached) - min(reached) >= wanted:
                return None
        if not failed:
            return None
        usable = [one for one in failed if one.may_be]
        return min(usable, key=lambda one: one.price, default=self._all_about(few))

    def _all_about(self, few: NDArray[np.bool_]) -> _Attempt | None:
        """Give all that may be told less finely of some parts, where what stands is in the way.

        What was told before leaves them open in a way that isn't found here, or not at all: so
        nothing more is told of them.
        """
        figures = [
            one
            for one in self._figures
            if not one.stands and one.step is not None and one.about[few].any()
        ]
        return _Attempt(self._found, figures) if figures else None

    def _other(self, few: NDArray[np.bool_], change: int) -> _Attempt | None:
        """Find other findings in which some parts have so many errors more; None if none can."""
        places, changes = self._changes(few, change)
        if not len(changes):
            return None
        prices = self._prices(places, changes)
        order = np.lexsort((np.abs(changes).sum(axis=1), prices))
        best: _Attempt | None = None
        for row in order[:_TRIED]:
            if best is not None and prices[row] >= best.price[0]:
                break
            attempt = self._attempt(places, changes[row])
            if best is None or attempt.price < best.price:
                best = attempt
            if not best.told_apart:
                break
        return best

    def _prices(self, places: NDArray[np.int64], changes: Errors) -> NDArray[np.float64]:
        """Give what each change costs by the rates alone: of the figures that leave their steps."""
        rooms = np.array([one.room(self._found) for one in self._figures])
        sizes = np.array([_NEVER if one.stands else one.size for one in self._figures], dtype=float)
        weights = self._weights[:, places]
        moves = weights.any(axis=1)
        moved = changes.astype(float) @ weights[moves].T
        beyond = (moved < rooms[moves, 0]) | (moved > rooms[moves, 1])
        outside = (rooms[~moves, 0] > 0) | (rooms[~moves, 1] < 0)
        return np.asarray(beyond @ sizes[moves] + outside @ sizes[~moves])

    def _attempt(self, places: NDArray[np.int64], change: Errors) -> _Attempt:
        errors = self._found.copy()
        errors[places] += change
        moved = np.asarray(self._about[:, places[change != 0]].any(axis=1))
        figures = [
            one
            for one, touched in zip(self._figures, moved, strict=True)
            if touched and one.tells_apart(self._found, errors)
        ]
        return _Attempt(errors, figures)

    def _changes(self, few: NDArray[np.bool_], change: int) -> tuple[NDArray[np.int64], Errors]:
        """Give all changes by so many errors of some parts, and by a few of one or two others.

        A change has a column for each part that any of them touches; the first gives these parts.
        """
        inside, near = np.flatnonzero(few & (self._sizes > 0)), self._near(few)
        places = np.concatenate([inside, near])
        here = _spread(np.arange(len(inside)), change, len(places))
        there = _outside(len(inside), len(places))
        rows = (here[:, None, :] + there[None, :, :]).reshape(-1, len(places))
        then = self._found[places] + rows
        return places, rows[((then >= 0) & (then <= self._sizes[places])).all(axis=1)]

    def _near(self, few: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Give the other parts that share the most figures with some."""
        about = self._about[[one.step is not None for one in self._figures]]
        shared = about[about[:, few].any(axis=1)].sum(axis=0) if len(about) else np.zeros(len(few))
        places = np.argsort(-shared, kind="stable")
        return places[~few[places]][:_NEAR]


@lru_cache(64)
def _outside(first: int, length: int) -> Errors:
    """Give no change, changes of one of the last parts, and of two; none is ever written to."""
    near = np.arange(first, length)
    none = np.zeros((1, length), dtype=np.int64)
    ones = [np.eye(length, dtype=np.int64)[near] * step for step in (1, -1, 2, -2)]
    pairs = np.array(list(combinations(near, 2)), dtype=np.int64).reshape(-1, 2)
    twos = [_pairs(pairs, length, *steps) for steps in product((1, -1), repeat=2)]
    return np.concatenate([none, *ones, *twos])


def _spread(places: NDArray[np.int64], change: int, length: int) -> Errors:
    """Give the ways to let one place change by so much, or two by half of it each."""
    ones = np.eye(length, dtype=np.int64)[places] * change
    if change % 2:
        return ones
    pairs = np.array(list(combinations(places, 2)), dtype=np.int64).reshape(-1, 2)
    return np.concatenate([ones, _pairs(pairs, length, change // 2, change // 2)])


def _pairs(places: NDArray[np.int64], length: int, first: int, second: int) -> Errors:
    rows = np.zeros((len(places), length), dtype=np.int64)
    numbers = np.arange(len(places))
    rows[numbers, places[:, 0]] += first
    rows[numbers, places[:, 1]] += second
    return rows
