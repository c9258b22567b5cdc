"""What the page of results says of what is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from services.controlling.figures import report
from services.controlling.figures.cells import Cell, Kind
from services.controlling.figures.footnotes import OF_ITS_FAULTS, Footnote, Note
from services.controlling.figures.kept import Released
from services.controlling.figures.period import PeriodFigures, Row
from services.controlling.figures.told import ToldEstimate
from services.controlling.figures.unanswered import WANTED_IN_TIME
from services.controlling.figures.units_compared import units_compared
from services.controlling.results.chart import Chart, chart
from services.controlling.results.closed_period import ClosedPeriod
from services.controlling.results.part_names import PartNames
from services.controlling.results.selection import Selection
from services.controlling.results.standing import Absence, Standing, absence, standing
from services.controlling.statistics.charts import Counts
from shared.web.pages.spoken import spoken


@dataclass(frozen=True)
class View:
    """A period, a part of it, and the periods around it.

    Attributes:
        every: All closed periods, oldest first.
        period: The one that is looked at.
        charted: Those that the picture shows, with what is released of them.
        times: How many of its drawn decisions weren't reviewed in time; None when too few are due.
        frame: What must be known of its frame.
        selection: Which part is looked at.
        goal: The share of wrong decisions that leadership wants at most.
    """

    every: Sequence[ClosedPeriod]
    period: ClosedPeriod
    charted: Sequence[tuple[ClosedPeriod, Released | None]]
    times: Counts | None
    frame: Sequence[Footnote]
    selection: Selection
    goal: Decimal
    names: PartNames

    @cached_property
    def released(self) -> Released | None:
        """What is released of the period."""
        return next(found for period, found in self.charted if period is self.period)

    @property
    def edition(self) -> int:
        """Which edition of its figures that is."""
        return 0 if self.released is None else self.released.editions[self.period.key]

    @property
    def figures(self) -> PeriodFigures | None:
        """The figures of the period; None where none are released."""
        return None if self.released is None else self.released.figures

    @cached_property
    def focus(self) -> Cell | None:
        """The line that the sentence is about; None where no single one is."""
        return None if self.figures is None else self.selection.focus(self.figures)

    @cached_property
    def row(self) -> Row | None:
        """What may be shown of it; None where nothing is reviewed."""
        if self.figures is None or self.focus is None:
            return None
        return self.figures.rows.get(self.focus)

    @property
    def standing(self) -> Standing | None:
        """What can be said; None where a selection is no single line."""
        if not self.period.decisions:
            return Standing.EMPTY
        if self.figures is not None and self.focus is None and self.lines:
            return None
        return standing(self.row, self.goal)

    @cached_property
    def lines(self) -> list[tuple[Cell, Row]]:
        """The table."""
        return [] if self.figures is None else list(self.selection.lines(self.figures))

    @cached_property
    def rates(self) -> list[tuple[ClosedPeriod, Row | None, Absence | None]]:
        """The same line in each of the periods, and why it has no rate."""
        rows = [(period, self._row_in(found)) for period, found in self.charted]
        return [(one, row, absence(row, decided=bool(one.decisions))) for one, row in rows]

    def faults(self, period: ClosedPeriod) -> list[Note]:
        """What was done wrong with the draw of one of these periods."""
        found = dict(self.charted)[period]
        notes = [] if found is None else [one.note for one in found.figures.footnotes]
        return [one for one in notes if one in OF_ITS_FAULTS]

    @property
    def chart(self) -> Chart:
        """The picture of them; a star says that the table beside it names a fault of the draw."""
        return chart(
            [
                (f"{self.names.period(period)}{' *' * bool(self.faults(period))}", _estimate(row))
                for period, row, _ in self.rates
            ],
            [period for period, *_ in self.rates].index(self.period),
            float(self.goal),
        )

    @property
    def units(self) -> list[tuple[str, str]]:
        """The units that one may choose, by key and name: today's, and those of other days."""
        known = {one.key for one in self.names.names.law.organisation.units}
        for _, released in self.charted:
            if released is not None:
                known |= {cell.name for cell in released.figures.rows if cell.kind is Kind.UNIT}
        return sorted((key, self.names.unit(key)) for key in known)

    @property
    def units_compared(self) -> str:
        """Whether units err alike on like cases, in words; of the whole period."""
        say = spoken(self.names.names.language, report.FOLDER)
        found = None if self.figures is None else self.figures.consistency
        return units_compared(found, say, self.names.unit)

    @property
    def reviewed_in_time(self) -> bool:
        """Whether as many of what is due was reviewed in time as is wanted."""
        return self.times is not None and (
            self.times.errors <= (1 - WANTED_IN_TIME) * self.times.sample
        )

    @property
    def footnotes(self) -> list[Footnote]:
        """What must be known, with all that counters say as one."""
        notes = [] if self.figures is None else [*self.figures.footnotes, *self.frame]
        gaps = [one for one in notes if one.note is Note.FRAME]
        others = [one for one in notes if one.note is not Note.FRAME]
        return [*others, Footnote(Note.FRAME, {"gaps": len(gaps)})] if gaps else others

    def _row_in(self, found: Released | None) -> Row | None:
        if found is None:
            return None
        focus = self.selection.focus(found.figures)
        return None if focus is None else found.figures.rows.get(focus)


def _estimate(row: Row | None) -> ToldEstimate | None:
    return row.plain.estimate if row and row.plain else None
