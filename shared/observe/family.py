"""Metrics with labels, each label of a declared type."""

from collections.abc import Hashable, Iterable
from math import nan
from typing import Generic, TypeVar, TypeVarTuple

from prometheus_client import Counter, Gauge, Histogram

Metric = TypeVar("Metric", Counter, Gauge, Histogram)
Labels = TypeVarTuple("Labels")


class Family(Generic[Metric, *Labels]):
    """A metric with labels: `RELAYED.of(Topic.CASE_EVENTS).inc()`."""

    def __init__(self, metric: Metric) -> None:
        self.metric: Metric = metric
        self._children: dict[Hashable, Metric] = {}

    def of(self, *values: *Labels) -> Metric:
        """Give the metric for these label values; cheap after the first time."""
        child = self._children.get(values)
        if child is None:
            child = self._children[values] = self.metric.labels(*values)
        return child

    def expect(self, combinations: Iterable[tuple[*Labels]]) -> None:
        """Tell of these label values from the start, at 0: else nobody sees the first one rise."""
        for values in combinations:
            self.of(*values)

    def forget(self, *values: *Labels) -> None:
        """Stop telling about these label values: what they meant is somebody else's now."""
        if self._children.pop(values, None) is not None:
            self.metric.remove(*values)


def unread(gauge: Gauge) -> Gauge:
    """Let a gauge say nothing (NaN) until somebody reads what it tells: unknown isn't 0."""
    gauge.set(nan)
    return gauge
