"""Queries: what panels ask, and would ask if a metric were renamed; and which buckets are meant."""

import re
from collections.abc import Mapping
from dataclasses import replace

from prometheus_client import Histogram
from prometheus_client.utils import floatToGoString

from deploy.dashboards.board import Panel
from deploy.dashboards.drawing import legend
from deploy.dashboards.promql import query
from deploy.dashboards.shown import Elsewhere, Shown, Silence
from shared.observe import metrics
from shared.observe.commands import declared

METRIC = re.compile(r"\b(?:gleichfall|process|python)_[a-z_]+")

_BUCKET = re.compile(r'\b(\w+)_bucket\{[^}]*\ble="([^"]+)"')


def no_buckets(query: str) -> set[tuple[str, str]]:
    """Which histograms a query asks for a bucket that they don't have: it would find nothing."""
    return {(name, limit) for name, limit in _BUCKET.findall(query) if limit not in _limits(name)}


def _limits(histogram: str) -> set[str]:
    metric = declared(metrics).get(histogram)
    if not isinstance(metric, Histogram):
        return set()
    told = floatToGoString  # as it is scraped: 10 is 10.0 there
    return {told(limit) for limit in metric._upper_bounds}  # type: ignore[no-untyped-call]


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
