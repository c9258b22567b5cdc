"""Panels of the dashboards: what they ask, and would ask if a metric were renamed."""

import re
from collections.abc import Mapping
from dataclasses import replace

from deploy.dashboards.board import Panel
from deploy.dashboards.drawing import legend
from deploy.dashboards.promql import query
from deploy.dashboards.shown import Elsewhere, Shown, Silence

METRIC = re.compile(r"\b(?:gleichfall|process|python)_[a-z_]+")


def queries(panel: Panel) -> Mapping[str, str]:
    """Give a panel's queries by what Grafana calls their series."""
    return {legend(panel, one): query(one) for one in panel.shows}


def renamed(panel: Panel) -> Panel:
    """Give the panel as it would be if its metrics were called otherwise."""
    return replace(panel, shows=[_renamed(one) for one in panel.shows])


def _renamed(shown: Shown) -> Shown:
    match shown:
        case Elsewhere():
            return replace(shown, query=METRIC.sub(r"\g<0>_x", shown.query))
        case Silence():
            return replace(shown, metric=f"{shown.metric}_x", limit=f"{shown.limit}_x")
        case _:
            return replace(shown, metric=f"{shown.metric}_x")
