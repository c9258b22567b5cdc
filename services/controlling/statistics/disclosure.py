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
from itertools import product
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
        place_of = {part: 0 for part, (_, size) in parts.items() if size and part not in told}
        for bit, about in enumerate(figures):
            for part in about & place_of.keys():
                place_of[part] |= 1 << bit
        for part, place in place_of.items():
            self._places[place].append(part)
        self._order = {place: number for number, place in enumerate(self._places)}
        self._by_figure: dict[int, list[int]] = defaultdict(list)
        for place in self._places:
            for bit in _bits(place):
                self._by_figure[bit].append(place)
        self._known_ways: dict[tuple[int, int], Sequence[tuple[int, int]]] = {}
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
                    if brought >= enough:
                        return brought
        return brought

    def _exchanges(
        self, places: Iterable[int]
    ) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """Give two places, of them one of these, that may exchange decisions with two others."""
        for one, lost in product(places, self._places):
            for other, gone in self._ways(lost & ~one, one & ~lost):
                yield (one, other), (lost, gone)

    def _ways(self, into: int, out_of: int) -> Sequence[tuple[int, int]]:
        """Give to where and from where a decision goes that then counts in other figures.

        Args:
            into: The figures in which it counts then, and didn't.
            out_of: Those in which it did.
        """
        known = self._known_ways.get((into, out_of))
        if known is None:
            known = [
                (to, from_)
                for to in self._ends(into, out_of)
                if to & into == into
                and not to & out_of
                and (from_ := to & ~into | out_of) in self._order
            ]
            self._known_ways[into, out_of] = known
        return known

    def _ends(self, into: int, out_of: int) -> Sequence[int]:
        """Give to where it may go, in their order, by the figure that is about the fewest."""
        if into:
            return min((self._by_figure[bit] for bit in _bits(into)), key=len)
        if not out_of:
            return ()
        nearest = min((self._by_figure[bit] for bit in _bits(out_of)), key=len)
        ends = {one & ~out_of for one in nearest} & self._order.keys()
        return sorted(ends, key=lambda place: self._order[place])


def _bits(figures: int) -> Iterator[int]:
    while figures:
        yield figures & -figures
        figures &= figures - 1
