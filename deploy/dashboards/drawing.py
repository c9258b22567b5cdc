"""How a dashboard is written for Grafana: one look, one data source."""

import json
from collections.abc import Iterator

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import DataSourceRef, GridPos

from deploy.dashboards.board import FOLDER, Board, Panel
from deploy.dashboards.promql import query
from deploy.dashboards.shown import Shown
from shared.web.pages.words import Language, load_words, wording

_HEIGHT = 8
_SOURCE = DataSourceRef("prometheus", "${source}")
_say = wording(load_words([FOLDER])[Language.ENGLISH])


def written(board: Board) -> str:
    """Give a dashboard as Grafana reads it."""
    made = (
        dashboard.Dashboard(f"Gleichfall: {title(board)}")
        .uid(board.uid)
        .description(_say(f"board.{board.key}.says"))
        .tags(["gleichfall"])
        .timezone("browser")
        .time("now-6h", "now")
        .refresh("1m")
        .readonly()
        .with_variable(
            dashboard.DatasourceVariable("source").label("Prometheus").type("prometheus")
        )
    )
    for number, panel in enumerate(board.panels, start=1):
        made.with_panel(_drawn(panel, number))
    return json.dumps(made.build(), cls=JSONEncoder, indent=2, ensure_ascii=False) + "\n"


def title(of: Board | Panel) -> str:
    """Give it in English."""
    return _say(f"{'board' if isinstance(of, Board) else 'panel'}.{of.key}")


def description(panel: Panel) -> str:
    """Give all that a panel says of itself."""
    return f"{_say(f'panel.{panel.key}.says')} {_say(f'right.{panel.right}')}"


def legend(panel: Panel, shown: Shown) -> str:
    """Give what Grafana calls a series: its name, and the values of its labels."""
    name = [str(_say(f"series.{shown.name}"))] if shown.name else []
    return ": ".join([*name, *(f"{{{{{label}}}}}" for label in shown.by)]) or title(panel)


def _drawn(panel: Panel, number: int) -> stat.Panel | timeseries.Panel:
    drawn = _number() if panel.now else _lines()
    drawn.id(number).title(title(panel)).description(description(panel))
    drawn.datasource(_SOURCE).unit(panel.unit).grid_pos(GridPos(_HEIGHT, panel.width))
    for target in _targets(panel):
        drawn.with_target(target)
    return drawn


def _number() -> stat.Panel | timeseries.Panel:
    return stat.Panel().graph_mode(BigValueGraphMode.NONE)


def _lines() -> stat.Panel | timeseries.Panel:
    look = (
        common.VizLegendOptions()
        .show_legend(True)
        .display_mode(LegendDisplayMode.LIST)
        .placement(LegendPlacement.BOTTOM)
    )
    drawn = timeseries.Panel().line_width(1).fill_opacity(8).show_points(VisibilityMode.NEVER)
    return drawn.legend(look)


def _targets(panel: Panel) -> Iterator[prometheus.Dataquery]:
    for place, shown in enumerate(panel.shows):
        target = prometheus.Dataquery().expr(query(shown)).legend_format(legend(panel, shown))
        target.datasource(_SOURCE).ref_id(chr(ord("A") + place))
        yield target.instant() if panel.now else target.range()
