"""Does the sampling frame hold every decision? It is compared with what others count. Pure.

US Labor's Benefit Accuracy Measurement compares its frames with independent counts, too, and prints
what differs beneath every figure (ET Handbook 395).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Cell(NamedTuple):
    """One unit in one week of ISO 8601, such as 2026-W19."""

    week: str
    unit: str


Counts = Mapping[Cell, int]


def week_of(day: date) -> str:
    """Name the week of a day as ISO 8601 does, such as 2026-W19."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


@dataclass(frozen=True, slots=True)
class Gap:
    """A unit's week in which somebody counted another number of decisions than the frame holds."""

    week: str
    unit: str
    counted_by: str
    counted: int
    held: int

    @property
    def footnote(self) -> str:
        """What stands beneath every figure of that week."""
        differing = abs(self.counted - self.held)
        noun, verb = ("decision", "is") if differing == 1 else ("decisions", "are")
        where = f"{self.unit}, {self.week}: {differing} {noun}"
        if self.held < self.counted:
            return f"{where} counted by {self.counted_by} {verb} missing from the frame"
        return f"{where} in the frame {verb} not counted by {self.counted_by}"


@dataclass(frozen=True, slots=True)
class Completeness:
    """What the comparison found.

    Attributes:
        decisions: How many the frame holds.
        gaps: Where a count differs.
        running: Where one differs in the week that isn't over, and neither may be complete.
        uncounted: Units' weeks in the frame that a counter left out, by counter; with nobody who
            counts, there is no entry at all.
    """

    decisions: int
    gaps: Sequence[Gap]
    running: Sequence[Gap]
    uncounted: Mapping[str, Sequence[Cell]]

    @property
    def footnotes(self) -> list[str]:
        """Give what stands beneath every figure made of this frame."""
        notes = [gap.footnote for gap in self.gaps]
        notes += [f"{gap.footnote}; the week is running" for gap in self.running]
        for counter, cells in self.uncounted.items():
            if cells:
                notes.append(f"{counter} counted nothing for {len(cells)} weeks of units")
        if not self.uncounted:
            notes.append("nobody else counted the decisions, so none can be seen to be missing")
        return notes


def compare(held: Counts, counted: Mapping[str, Counts], today: date) -> Completeness:
    """Compare the frame with what each counter counted.

    A week of a unit that somebody counted and the frame doesn't hold at all is a gap; one that a
    counter says nothing about is no gap, and told apart. So is one in the week of `today`, of which
    counts come late.
    """
    differing = [
        Gap(cell.week, cell.unit, counter, amount, held.get(cell, 0))
        for counter, amounts in sorted(counted.items())
        for cell, amount in sorted(amounts.items())
        if amount != held.get(cell, 0)
    ]
    uncounted = {
        counter: sorted(held.keys() - amounts.keys())
        for counter, amounts in sorted(counted.items())
    }
    this_week = week_of(today)
    return Completeness(
        sum(held.values()),
        [gap for gap in differing if gap.week != this_week],
        [gap for gap in differing if gap.week == this_week],
        uncounted,
    )
