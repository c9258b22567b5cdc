"""The grid over which the interval of several strata is held against the truth.

A cell is a design (how many decisions each stratum has, and how many of them are reviewed) with
errors placed in it. Nothing in it is an authority's: it holds what could go wrong.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
STRATA = (1, 2, 5, 20, 60, 200)
_SIZES: tuple[tuple[int, int], ...] = ((7, 7), (20, 20), (70, 70), (500, 500), (2_000, 2_000))
_MIXED = ((7, 2_000), (13, 740))
_ERRORS = (0, 1, 3, 6, 20, 60)
_EVERY_FIFTH = 5


class Design(NamedTuple):
    """How many decisions there are and are reviewed, by stratum."""

    name: str
    population: tuple[int, ...]
    sample: tuple[int, ...]


class Cell(NamedTuple):
    """A design with its errors, and the decisions to which the question applies."""

    design: Design
    placed: str
    members: tuple[int, ...]
    errors: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.design.name}, {self.placed}"

    @property
    def truth(self) -> float:
        """Share of errors among the decisions to which the question applies."""
        return sum(self.errors) / sum(self.members)

    @property
    def whole(self) -> bool:
        """Whether the question applies to every decision."""
        return self.members == self.design.population


def _at_least(share: NDArray[np.float64] | float, least: int) -> Callable[[Numbers], Numbers]:
    return lambda sizes: np.maximum(least, np.rint(share * sizes).astype(np.int64))


def _alternating(one: float, other: float, every: int, least: int) -> Callable[[Numbers], Numbers]:
    def reviewed(sizes: Numbers) -> Numbers:
        rates = np.where(np.arange(len(sizes)) % every == 0, one, other)
        return _at_least(rates, least)(sizes)

    return reviewed


def _lonely_first(sizes: Numbers) -> Numbers:
    sample = np.full(len(sizes), 7)
    sample[0] = 1
    return sample


_SAMPLES: dict[str, Callable[[Numbers], Numbers]] = {
    "1 of each": np.ones_like,
    "7 of each": lambda sizes: np.full_like(sizes, 7),
    "60 of each": lambda sizes: np.full_like(sizes, 60),
    "10 %, at least 1": _at_least(0.1, 1),
    "10 %, at least 10": _at_least(0.1, 10),
    "5 and 30 %, at least 7": _alternating(0.3, 0.05, 2, 7),
    "every fifth whole, else 5 %": _alternating(1.0, 0.05, _EVERY_FIFTH, 1),
    "every fifth to 90 %, else 5 %": _alternating(0.9, 0.05, _EVERY_FIFTH, 1),
    "one lonely, 7 of the others": _lonely_first,
}


def designs(strata: int) -> Iterator[Design]:
    """Give the designs of so many strata, each once, without those that review everything."""
    seen = set()
    mixed = _MIXED if strata < STRATA[-1] else _MIXED[:1]  # the widest alone: those take longest
    for (low, high), (name, reviewed) in product((*_SIZES, *mixed), _SAMPLES.items()):
        if strata == 1 and low < high:
            continue
        sizes = np.rint(np.geomspace(low, high, strata)).astype(np.int64)
        sample = np.minimum(reviewed(sizes), sizes)
        key = (*sizes, *sample)
        if key in seen or (sample == sizes).all():
            continue
        seen.add(key)
        of = f"{low}" if low == high else f"{low} to {high}"
        yield Design(f"{strata} x {of}, {name}", _numbers(sizes), _numbers(sample))


def cells_of(design: Design) -> Iterator[Cell]:
    """Place errors: few, spread and in the heaviest and lightest strata; and rates."""
    sizes, sample = np.array(design.population), np.array(design.sample)
    heaviest_first = np.argsort(-sizes / sample, kind="stable")
    for number in _ERRORS:
        if number <= sizes.sum():
            yield _cell(design, f"{number} errors spread", _spread(number, sizes))
            if number > 1:
                heavy = _filled(number, sizes, heaviest_first)
                yield _cell(design, f"{number} in the heaviest", heavy)
                light = _filled(number, sizes, heaviest_first[::-1])
                yield _cell(design, f"{number} in the lightest", light)
    for rate in (0.1, 0.3, 0.5, 0.9):
        yield _cell(design, f"rate {rate:.0%}", np.rint(rate * sizes).astype(np.int64))
    if len(sizes) > 1:
        first = np.arange(len(sizes)) % _EVERY_FIFTH == 0
        clustered = np.where(first, sizes, np.rint(0.05 * sizes)).astype(np.int64)
        yield _cell(design, "every fifth all wrong, else 5 %", clustered)
        unlike = np.where(first, np.rint(0.1 * sizes), np.rint(0.9 * sizes)).astype(np.int64)
        yield _cell(design, "every fifth 10 %, else 90 %", unlike)


def members_cells_of(design: Design) -> Iterator[Cell]:
    """Let the question apply to some only: half of each, or most of some strata and few of others.

    How many there are isn't known to who estimates.
    """
    sizes = np.array(design.population)
    odd = np.arange(len(sizes)) % 2 == 1
    half = np.maximum(1, sizes // 2)
    unlike = np.maximum(1, np.rint(np.where(odd, 0.9, 0.15) * sizes)).astype(np.int64)
    for name, members in (("half", half), ("15 and 90 %", unlike)):
        for number in (3, 20):
            spread = _spread(min(number, int(members.sum())), members)
            yield _cell(design, f"{number} errors, applies to {name}", spread, members)
        for rate in (0.1, 0.5):
            errors = np.rint(rate * members).astype(np.int64)
            yield _cell(design, f"rate {rate:.0%}, applies to {name}", errors, members)


def few_cells() -> list[Cell]:
    """Give the cells of the ordinary test: those that other methods fail in, and some more."""
    names = {
        "5 x 70, 7 of each",
        "20 x 70, 7 of each",
        "20 x 7, 1 of each",
        "5 x 13 to 740, 5 and 30 %, at least 7",
        "5 x 500, every fifth whole, else 5 %",
        "2 x 2000, every fifth to 90 %, else 5 %",
        "60 x 70, 10 %, at least 1",
    }
    chosen = [one for number in STRATA for one in designs(number) if one.name in names]
    return [
        *(cell for one in chosen for cell in cells_of(one)),
        *(cell for one in chosen[:3] for cell in members_cells_of(one)),
    ]


def _cell(design: Design, placed: str, errors: Numbers, members: Numbers | None = None) -> Cell:
    among = design.population if members is None else _numbers(members)
    return Cell(design, placed, among, _numbers(errors))


def _numbers(found: Numbers) -> tuple[int, ...]:
    return tuple(int(one) for one in found)


def _spread(number: int, sizes: Numbers) -> Numbers:
    wanted = number * sizes / sizes.sum()
    placed: Numbers = np.floor(wanted).astype(np.int64)
    for place in np.argsort(placed - wanted, kind="stable")[: number - int(placed.sum())]:
        placed[place] += 1
    return placed


def _filled(number: int, sizes: Numbers, order: Sequence[int] | Numbers) -> Numbers:
    placed: Numbers = np.zeros(len(sizes), np.int64)
    for place in order:
        placed[place] = min(number, sizes[place])
        number -= int(placed[place])
    return placed
