"""Does the sampling frame hold every decision? It is compared with what others count. Pure.

US Labor's Benefit Accuracy Measurement compares its frames with independent counts, too, and prints
what differs beneath every figure (ET Handbook 395).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from services.controlling.completeness.dilution import Dilution
from services.controlling.completeness.findings import Finding, Settlements


class Cell(NamedTuple):
    """One unit in one week of ISO 8601, such as 2026-W19."""

    week: str
    unit: str


Counts = Mapping[Cell, int]
_NONE: Counts = MappingProxyType({})
_UNSETTLED: Settlements = MappingProxyType({})
_DOOR = "urn:gleichfall:intake"
"""Who counts events, and so a decision that was sent again once more; source systems don't."""


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
        findings: What somebody must settle: counts of one week that differ from each other.
        dilution: What may be there to lower the share of others.
        repeats: How many decisions were sent again.
    """

    decisions: int
    gaps: Sequence[Gap]
    running: Sequence[Gap]
    uncounted: Mapping[str, Sequence[Cell]]
    findings: Sequence[Finding] = ()
    dilution: Dilution | None = None
    repeats: int = 0

    @property
    def faults(self) -> int:
        """How much of it must be looked into before the frame is sound."""
        return len(self.gaps) + sum(one.settlement is None for one in self.findings)

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
        notes += [one.footnote for one in self.findings]
        return [*notes, *(self.dilution.footnotes if self.dilution else ())]


def compare(
    held: Counts,
    counted: Mapping[str, Counts],
    today: date,
    *,
    repeats: Counts = _NONE,
    settlements: Settlements = _UNSETTLED,
) -> Completeness:
    """Compare the frame with what each counter counted, and counters with each other.

    A week of a unit that somebody counted and the frame doesn't hold at all is a gap; one that a
    counter says nothing about is no gap, and told apart. So is one in the week of `today`, of which
    counts come late. What was sent again is taken off intake's count, which is one of events, and
    off no other. Once two counts that differ are settled, neither is a gap.
    """
    this_week = week_of(today)
    counted = {
        counter: _decisions(amounts, held, repeats) if counter == _DOOR else amounts
        for counter, amounts in counted.items()
    }
    findings = [*_disagreeing(held, counted, repeats, settlements, this_week)]
    settled = {one.name for one in findings if one.settlement}
    differing = [
        Gap(cell.week, cell.unit, counter, amount, held.get(cell, 0))
        for counter, amounts in sorted(counted.items())
        for cell, amount in sorted(amounts.items())
        if amount != held.get(cell, 0) and _name(cell) not in settled
    ]
    uncounted = {
        counter: sorted(held.keys() - amounts.keys())
        for counter, amounts in sorted(counted.items())
    }
    return Completeness(
        sum(held.values()),
        [gap for gap in differing if gap.week != this_week],
        [gap for gap in differing if gap.week == this_week],
        uncounted,
        findings,
        repeats=sum(repeats.values()),
    )


def _decisions(events: Counts, held: Counts, repeats: Counts) -> Counts:
    """Give how many decisions so many events were: less what came again, but no fewer than held.

    After a restore intake may have counted fewer repeats than came.
    """
    return {
        cell: min(amount, max(amount - repeats.get(cell, 0), held.get(cell, 0)))
        for cell, amount in events.items()
    }


def _disagreeing(
    held: Counts,
    counted: Mapping[str, Counts],
    repeats: Counts,
    settlements: Settlements,
    this_week: str,
) -> Iterator[Finding]:
    """Find the weeks that are over of which counters say different things."""
    by_cell: dict[Cell, dict[str, int]] = defaultdict(dict)
    for counter, amounts in sorted(counted.items()):
        for cell, amount in amounts.items():
            by_cell[cell][counter] = amount
    for cell, told in sorted(by_cell.items()):
        if cell.week == this_week or len(set(told.values())) == 1:
            continue
        said = ", ".join(f"{counter} counted {amount}" for counter, amount in told.items())
        again = f", {repeats[cell]} sent again are left out" if cell in repeats else ""
        frame = f"{said}{again}; the frame holds {held.get(cell, 0)}"
        yield Finding.of(_name(cell), frame, settlements)


def _name(cell: Cell) -> str:
    return f"{cell.week}/{cell.unit}"
