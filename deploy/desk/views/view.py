"""A dashboard as a page shows it: a table for each panel, with what it must not tell left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from deploy.dashboards.board import Board, Panel, Right
from deploy.dashboards.shown import Count, Duration, Elsewhere, Level, Until
from deploy.desk.views.panel_figures import Figure, Times, figures
from deploy.desk.views.told import Look
from services.controlling.statistics.suppression import MINIMUM

MOST = 10
"""Lines that stand in a table; the others unfold."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a panel's table.

    Attributes:
        name: Which of several things the panel shows; empty: there is only one.
        labels: Values of the panel's labels, in their order.
        value: What stands there; None: fewer than may be told.
    """

    name: str
    labels: tuple[str, ...]
    value: float | Times | None

    @property
    def is_zero(self) -> bool:
        """Whether there is nothing to say of it but that."""
        return self.value == 0 or (isinstance(self.value, Times) and not self.value.number)

    @property
    def is_untold(self) -> bool:
        """Whether nobody says anything of it."""
        return isinstance(self.value, float) and isnan(self.value)

    @property
    def weight(self) -> float:
        """By what lines are ordered where there are many; a few is more than none."""
        value = self.value.most if isinstance(self.value, Times) else self.value
        return 1 if value is None else value


@dataclass(frozen=True, slots=True)
class View:
    """A panel with its lines.

    Attributes:
        lines: What stands in the table.
        more: What unfolds.
        zeros: How many lines are left out because they are at zero.
        untold: Lines of which nobody says anything, perhaps because the process doesn't look at it.
    """

    panel: Panel
    lines: Sequence[Line]
    more: Sequence[Line] = ()
    zeros: int = 0
    untold: Sequence[Line] = ()

    @property
    def metric(self) -> str:
        """What its labels are of."""
        [first, *_] = self.panel.shows
        return "" if isinstance(first, Elsewhere) else first.metric

    @property
    def by(self) -> tuple[str, ...]:
        """The labels that it tells apart."""
        return self.panel.shows[0].by

    @property
    def named(self) -> bool:
        """Whether it shows several things."""
        return any(one.name for one in self.panel.shows)

    @property
    def times(self) -> bool:
        """Whether it says how long things took."""
        return any(isinstance(one, Duration) for one in self.panel.shows)

    @property
    def counts(self) -> bool:
        """Whether it counts since its processes began."""
        return any(isinstance(one, Count) for one in self.panel.shows)

    @property
    def elsewhere(self) -> bool:
        """Whether no page can say it."""
        return any(isinstance(one, Elsewhere) for one in self.panel.shows)

    @property
    def stands_out(self) -> bool:
        """Whether something isn't at zero now that should be."""
        now = all(isinstance(one, Level) for one in self.panel.shows)
        return now and self.panel.right is Right.ZERO and any(one.weight > 0 for one in self.lines)


def view(panel: Panel, look: Look) -> View:
    """Fill a panel with what processes told."""
    lines = [
        Line(shown.name, one.labels, _told(panel, one))
        for shown in panel.shows
        for one in figures(shown, look.told, look.at.timestamp())
    ]
    untold = [one for one in lines if one.is_untold]
    told = [one for one in lines if not one.is_untold]
    if len(told) <= MOST:
        return View(panel, told, untold=untold)
    ordered = sorted(
        (one for one in told if not one.is_zero),
        key=lambda one: one.weight,
        reverse=not any(isinstance(one, Until) for one in panel.shows),
    )
    zeros = len(told) - len(ordered)
    return View(panel, ordered[:MOST], ordered[MOST:], zeros, untold)


def views(board: Board, look: Look) -> list[View]:
    """Fill all panels of a dashboard."""
    return [view(panel, look) for panel in board.panels]


def _told(panel: Panel, figure: Figure) -> float | Times | None:
    value = figure.value
    if not panel.about_cases or isinstance(value, Times) or isnan(value) or value == 0:
        return value
    return None if value < MINIMUM else round(value, -1)
