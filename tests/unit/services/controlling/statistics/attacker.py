"""Somebody who works out of a table what can be worked out, by linear programmes."""

from collections.abc import Collection, Iterator, Mapping
from math import ceil, floor
from typing import Any

import numpy as np
from scipy.optimize import linprog

from services.controlling.statistics.disclosure import Parts
from services.controlling.statistics.suppression import MINIMUM

_CLOSE = 1e-6


def worked_out(cells: Mapping[Any, Parts], hidden: Collection[Any]) -> list[tuple[Any, str]]:
    """Name hidden cells whose errors have one possible value, or that can't be but small.

    The attacker knows what every shown cell counts, which parts each cell has, that no count is
    below nothing, that no part has more errors than decisions, and that counts are whole numbers.
    """
    return list(_worked_out(cells, hidden))


def _worked_out(cells: Mapping[Any, Parts], hidden: Collection[Any]) -> Iterator[tuple[Any, str]]:
    parts = {part: counts for about in cells.values() for part, counts in about.items()}
    errors, sizes = np.array(list(parts.values())).T
    some_are_wrong = 0 < errors.sum() < sizes.sum()
    shown = np.array([_holds(parts, about) for cell, about in cells.items() if cell not in hidden])
    for cell in hidden:
        holds = _holds(parts, cells[cell])
        few, many = _range(shown, sizes, errors, (holds, 0 * holds))
        if holds @ sizes < MINIMUM and (few == many or many < MINIMUM):
            yield cell, f"{few} to {many} decisions"
        few, many = _range(shown, sizes, errors, (0 * holds, holds))
        if few == many and some_are_wrong:
            yield cell, f"{few} errors"


def _holds(parts: Collection[Any], about: Parts) -> np.ndarray:
    return np.array([float(part in about) for part in parts])


def _range(
    shown: np.ndarray, sizes: np.ndarray, errors: np.ndarray, asked: tuple[np.ndarray, np.ndarray]
) -> tuple[int, int]:
    """Give the least and the most that the decisions or errors of some parts may be."""
    unit = np.eye(len(sizes))
    sums = None if not len(shown) else np.kron(np.eye(2), shown)
    known = None if sums is None else sums @ np.concatenate([sizes, errors])
    least, most = (
        linprog(
            sign * np.concatenate(asked),
            A_ub=np.hstack([-unit, unit]),
            b_ub=np.zeros(len(sizes)),
            A_eq=sums,
            b_eq=known,
            bounds=(0, 10_000),
        ).fun
        for sign in (1, -1)
    )
    return ceil(least - _CLOSE), floor(-most + _CLOSE)
