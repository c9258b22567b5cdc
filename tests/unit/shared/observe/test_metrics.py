import re
from enum import Enum
from itertools import product
from typing import get_args

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics import MetricWrapperBase

from shared.events.registry import Topic
from shared.observe import gauges, metrics
from shared.observe.commands import declared
from shared.observe.family import Family, unread

DECLARED = {**declared(metrics), **declared(gauges)}
FAMILIES = {
    name: found
    for module in (metrics, gauges)
    for name, found in vars(module).items()
    if isinstance(found, Family)
}
COUNTED_BY_OTHERS = {
    metrics.EventTypeName: "the catalogue of events",
    metrics.Partition: "the declared topics",
    metrics.Route: "the declared routes",
    metrics.Status: "HTTP",
    metrics.ProviderName: "the configured providers",
    metrics.NeedName: "what a service says that it needs",
    metrics.Version: "one release each in a process",
}
ABOUT_PEOPLE = {
    *("case", "case_ref", "subject", "key", "contact", "contact_ref", "message_id", "path"),
    *("decider", "decision", "decision_id", "officer", "reviewer", "user", "unit", "stratum"),
}
NOT_A_BASE_UNIT = re.compile(
    r"_(ms|millis(econds)?|micro(seconds)?|minutes|hours|days|kb|mb|(kilo|mega)bytes|percent)\b"
)


def exposed_name(metric: MetricWrapperBase) -> str:
    [description] = metric.describe()
    suffix = "_total" if isinstance(metric, Counter) else ""
    return description.name + suffix


@pytest.fixture(params=DECLARED)
def metric(request: pytest.FixtureRequest) -> MetricWrapperBase:
    return DECLARED[request.param]


def test_every_metric_names_the_system(metric: MetricWrapperBase) -> None:
    assert re.fullmatch(r"gleichfall(_[a-z]+)+", exposed_name(metric))


def test_every_metric_explains_itself(metric: MetricWrapperBase) -> None:
    [description] = metric.describe()

    assert description.documentation.endswith(".")


def test_every_metric_has_a_name_that_prometheus_tools_expect(metric: MetricWrapperBase) -> None:
    name = exposed_name(metric)

    assert name.endswith("_total") == isinstance(metric, Counter)
    assert not re.search(r"_(count|sum|bucket|counter|gauge|histogram)$", name)
    assert not NOT_A_BASE_UNIT.search(name)


def test_every_measure_of_time_is_in_seconds(metric: MetricWrapperBase) -> None:
    name = exposed_name(metric)

    of_time = re.search(r"_(duration|timestamp|age|limit)_", name) is not None
    assert of_time == name.endswith("_seconds")


def test_no_metric_can_be_about_a_person_or_a_case(metric: MetricWrapperBase) -> None:
    assert ABOUT_PEOPLE.isdisjoint(metric._labelnames)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_label_has_a_bounded_type(name: str) -> None:
    family = FAMILIES[name]
    kind, *labels = get_args(vars(family)["__orig_class__"])

    assert isinstance(family.metric, kind)
    assert len(labels) == len(family.metric._labelnames)
    for label in labels:
        assert label in COUNTED_BY_OTHERS or issubclass(label, Enum)


def test_a_labelled_metric_is_shown_with_the_values_of_its_labels() -> None:
    registry = CollectorRegistry()
    lag = Family[Gauge, Topic, metrics.Partition](
        Gauge("lag_records", "Records that wait.", ("topic", "partition"), registry=registry)
    )
    lag.of(Topic.CASE_EVENTS, metrics.Partition(5)).set(17)

    shown = generate_latest(registry).decode()

    assert 'lag_records{partition="5",topic="case-events"} 17.0' in shown


def test_what_can_be_counted_is_told_from_the_start() -> None:
    registry = CollectorRegistry()
    records = Family[Counter, Topic, metrics.RecordOutcome](
        Counter("records_total", "Records.", ("topic", "outcome"), registry=registry)
    )
    records.expect(product([Topic.CASE_EVENTS], metrics.RecordOutcome))

    shown = generate_latest(registry).decode()

    assert 'records_total{outcome="parked",topic="case-events"} 0.0' in shown
    assert shown.count("records_total{") == len(metrics.RecordOutcome)


def test_a_gauge_that_nobody_has_read_says_nothing() -> None:
    registry = CollectorRegistry()
    unread(Gauge("outbox_rows", "Rows.", registry=registry))

    assert "outbox_rows NaN" in generate_latest(registry).decode()


def test_every_kind_of_metric_is_used() -> None:
    kinds = {type(metric) for metric in DECLARED.values()}

    assert kinds == {Counter, Gauge, Histogram}
