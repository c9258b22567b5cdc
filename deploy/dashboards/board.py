"""What a dashboard shows, and how it is written for Grafana: one look, one data source."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import DataSourceRef, GridPos

_HEIGHT = 8
_SOURCE = DataSourceRef("prometheus", "${source}")


class Right(StrEnum):
    """What a panel says of zero and of nothing at all, so that nobody takes silence for good."""

    ZERO = "Zero is right; empty is not."
    ZERO_AT_REST = "Zero is right while nobody works, as at night; empty is not."
    NO_NUMBER_AT_REST = "No number (NaN) is right while nobody works, as at night; empty is not."
    UNSET_IS_EMPTY = "Zero can be right; empty only where nothing of the kind is set up."
    UNKNOWN_IS_EMPTY = "Empty means unknown, or withheld, and not zero."
    NEITHER = "Neither zero nor empty is right."


class Unit(StrEnum):
    """How numbers are written; Grafana's names."""

    COUNT = "short"
    SECONDS = "s"
    SHARE = "percentunit"
    A_SECOND = "cps"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel.

    Attributes:
        title: A few words.
        says: What it shows, in a sentence or two.
        right: Whether zero or empty is right.
        queries: PromQL by what its series are called; `{{label}}` is a label's value.
        width: In columns of the grid, which has 24.
        now: Whether the last value stands there as a number; else it is drawn over time.
    """

    title: str
    says: str
    right: Right
    queries: Mapping[str, str]
    unit: Unit = Unit.COUNT
    width: int = 8
    now: bool = False

    @property
    def description(self) -> str:
        """All that it says of itself."""
        return f"{self.says} {self.right}"


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard.

    Attributes:
        key: Its file's name, and with `gleichfall-` before it what Grafana knows it by for ever.
    """

    key: str
    title: str
    says: str
    panels: Sequence[Panel]

    @property
    def uid(self) -> str:
        """What Grafana knows it by: at most 40 characters."""
        return f"gleichfall-{self.key}"

    def written(self) -> str:
        """Give it as Grafana reads it."""
        made = (
            dashboard.Dashboard(self.title)
            .uid(self.uid)
            .description(self.says)
            .tags(["gleichfall"])
            .timezone("browser")
            .time("now-6h", "now")
            .refresh("1m")
            .readonly()
            .with_variable(
                dashboard.DatasourceVariable("source").label("Prometheus").type("prometheus")
            )
        )
        for number, panel in enumerate(self.panels, start=1):
            made.with_panel(_drawn(panel, number))
        return json.dumps(made.build(), cls=JSONEncoder, indent=2, ensure_ascii=False) + "\n"


def _drawn(panel: Panel, number: int) -> stat.Panel | timeseries.Panel:
    drawn = _number() if panel.now else _lines()
    drawn.id(number).title(panel.title).description(panel.description)
    drawn.datasource(_SOURCE).unit(panel.unit).grid_pos(GridPos(_HEIGHT, panel.width))
    for target in _targets(panel):
        drawn.with_target(target)
    return drawn


def _number() -> stat.Panel | timeseries.Panel:
    return stat.Panel().graph_mode(BigValueGraphMode.NONE)


def _lines() -> stat.Panel | timeseries.Panel:
    legend = (
        common.VizLegendOptions()
        .show_legend(True)
        .display_mode(LegendDisplayMode.LIST)
        .placement(LegendPlacement.BOTTOM)
    )
    drawn = timeseries.Panel().line_width(1).fill_opacity(8).show_points(VisibilityMode.NEVER)
    return drawn.legend(legend)


def _targets(panel: Panel) -> Iterator[prometheus.Dataquery]:
    for place, (legend, query) in enumerate(panel.queries.items()):
        target = prometheus.Dataquery().expr(query).legend_format(legend)
        target.datasource(_SOURCE).ref_id(chr(ord("A") + place))
        yield target.instant() if panel.now else target.range()
