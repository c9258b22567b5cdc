"""What follows from the figures that a table shows.

Who reads a table knows how many decisions are behind each figure and how many of them are in
error, that no count is below nothing, and which parts each figure is about. A hidden figure is open
as long as another table exists that shows the same and differs there. Such tables are looked for by
exchanging single decisions, or their errors, between two parts or crosswise between four, so that
every shown sum stays. Tables that are further away aren't looked for: when in doubt, a figure
passes for given away.

Source: P. Diaconis, B. Sturmfels, "Algebraic algorithms for sampling from conditional
distributions", Annals of Statistics 26 (1998): such exchanges lead through all tables with the same
totals.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import permutations, product
from typing import Any

Parts = Mapping[Any, tuple[int, int]]
"""Errors and decisions of the disjoint parts that a figure is about."""


class Shown:
    """Some figures of a table, as a reader sees them.

    A place is all parts that no figure tells apart: the shown figures that are about them, each one
    a bit of a number.
    """

    def __init__(self, parts: Parts, figures: Collection[frozenset[Any]]) -> None:
        """Look at figures.

        Args:
            parts: Everything that the table is about.
            figures: The parts of each figure that is shown; only parts with decisions.
        """
        told = frozenset[Any]().union(*(about for about in figures if len(about) == 1))
        self._places: dict[int, list[Any]] = defaultdict(list)
        self._parts = parts
        for part, (_, size) in parts.items():
            if size and part not in told:
                place = sum(1 << bit for bit, about in enumerate(figures) if part in about)
                self._places[place].append(part)
        self._wrong = {
            place: sum(parts[part][0] for part in here) for place, here in self._places.items()
        }
        self._right = {
            place: sum(parts[part][1] for part in here) - self._wrong[place]
            for place, here in self._places.items()
        }

    def leaves_errors_open(self, figure: Collection[Any]) -> bool:
        """Whether the figure may have more errors, or fewer, of as many decisions."""
        if self._misses_some_of(figure):
            return True
        gains: dict[int, set[bool]] = {}
        loses: dict[int, set[bool]] = {}
        for place, parts in self._places.items():
            counts = [(part in figure, *self._parts[part]) for part in parts]
            gains[place] = {inside for inside, errors, size in counts if errors < size}
            loses[place] = {inside for inside, errors, _ in counts if errors}
            if len(gains[place] | loses[place]) > 1 and gains[place] and loses[place]:
                return True
        return any(
            sum(more) != sum(fewer)
            for one, other in self._exchanges(
                place for place in gains if self._touches(place, figure)
            )
            for taking, giving in ((one, other), (other, one))
            for more in product(*(gains[place] for place in taking))
            for fewer in product(*(loses[place] for place in giving))
        )

    def leaves_size_open(self, figure: Collection[Any], minimum: int) -> bool:
        """Whether the figure may be about so many decisions."""
        if self._misses_some_of(figure):
            return True
        inside = {place for place in self._places if self._touches(place, figure)}
        found = sum(self._wrong[place] + self._right[place] for place in inside)
        for amounts in (self._right, self._wrong):
            if found < minimum:
                found += self._brought(dict(amounts), inside, minimum - found)
        return found >= minimum

    def _misses_some_of(self, figure: Collection[Any]) -> bool:
        return self._touches(0, figure)

    def _touches(self, place: int, figure: Collection[Any]) -> bool:
        return any(part in figure for part in self._places.get(place, ()))

    def _brought(self, amounts: dict[int, int], inside: Collection[int], enough: int) -> int:
        """Bring as much as exchanges can, or enough, to the places inside."""
        brought, moved = 0, True
        while moved and brought < enough:
            moved = False
            for (one, other), (lost, gone) in self._exchanges(inside):
                more = (one in inside) + (other in inside) - (lost in inside) - (gone in inside)
                if more > 0 and (much := min(amounts[lost], amounts[gone])):
                    for place, change in ((lost, -much), (gone, -much), (one, much), (other, much)):
                        amounts[place] += change
                    brought, moved = brought + more * much, True
        return brought

    def _exchanges(
        self, places: Iterable[int]
    ) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """Give two places, of them one of these, that may exchange decisions with two others."""
        for one, lost in product(places, self._places):
            for other, gone in self._ways.get((lost & ~one, one & ~lost), ()):
                yield (one, other), (lost, gone)

    @cached_property
    def _ways(self) -> Mapping[tuple[int, int], Sequence[tuple[int, int]]]:
        """From where to where a decision goes, by the figures it then counts in and those not."""
        ways: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for to, from_ in permutations(self._places, 2):
            ways[to & ~from_, from_ & ~to].append((to, from_))
        return ways
