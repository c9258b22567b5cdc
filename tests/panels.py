"""Panels of the dashboards, and what they would be if a metric were renamed."""

import re
from dataclasses import replace

from deploy.dashboards.board import Panel

METRIC = re.compile(r"\b(?:gleichfall|process|python)_[a-z_]+")


def renamed(panel: Panel) -> Panel:
    """Give the panel as it would be if its metrics were called otherwise."""
    queries = {legend: METRIC.sub(r"\g<0>_x", query) for legend, query in panel.queries.items()}
    return replace(panel, queries=queries)
