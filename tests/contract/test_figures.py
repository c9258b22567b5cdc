"""What a process tells at `/metrics` is judged as Prometheus will judge it."""

import time
from datetime import timedelta

import pytest

from tests.figures import judge


def told(name: str, value: float, labels: str = "", kind: str = "gauge") -> str:
    return f"# TYPE {name} {kind}\n{name}{{{labels}}} {value}\n"


def failures(loop: str, amount: int) -> str:
    return told("gleichfall_loop_failures_total", amount, f'loop="{loop}"', "counter")


def missing(need: str, value: float) -> str:
    return told("gleichfall_need_missing", value, f'need="{need}"')


def promised(left: timedelta) -> str:
    until = time.time() + left.total_seconds()
    return told("gleichfall_controlling_promised_until_timestamp_seconds", until)


@pytest.mark.parametrize(
    ("alert", "before", "now", "fires"),
    [
        ("ConsumerStopped", "", missing("consumer", 1), True),
        ("ConsumerStopped", "", missing("consumer", 0), False),
        ("ConsumerStopped", "", missing("publishing", 1), False),
        ("ConsumerStopped", "", missing("consumer", float("nan")), False),
        ("LoopFails", failures("lots", 5), failures("lots", 6), True),
        ("LoopFails", failures("lots", 5), failures("lots", 5), False),
        ("LoopFails", "", failures("lots", 5), False),  # nobody saw it rise
        ("OutboxOld", "", told("gleichfall_outbox_oldest_age_seconds", 0.5), True),
        ("OutboxOld", "", told("gleichfall_outbox_oldest_age_seconds", 0), False),
        ("NextPeriodNotPromised", "", promised(timedelta(days=2)), True),
        ("NextPeriodNotPromised", "", promised(timedelta(days=4)), False),
        ("TimeLimitsOver", "", told("gleichfall_controlling_clocks_over", 7, 'clock="a"'), True),
        ("TimeLimitsOver", "", told("gleichfall_controlling_clocks_over", 0, 'clock="a"'), False),
        ("TimeLimitsOver", "", "", False),
    ],
)
def test_an_alert_fires_on_what_is_told_if_it_goes_on(
    alert: str, before: str, now: str, fires: bool
) -> None:
    judged = judge(alert, {"notify": before}, {"notify": now})
    assert judged.fires == fires, judged.series


def test_figures_have_the_labels_that_prometheus_adds_to_those_of_their_target() -> None:
    told_by_desk = told("gleichfall_need_missing", 1, 'job="a"')
    [series] = judge("ConsumerStopped", {}, {"desk-2": told_by_desk}).series
    added = 'instance="desk-2:9100",job="gleichfall",service="desk"'
    assert series == f'gleichfall_need_missing{{exported_job="a",{added}}}'


def test_who_is_not_scraped_is_told_of() -> None:
    with pytest.raises(ValueError, match="not enough values"):
        judge("ConsumerStopped", {}, {"stranger": missing("consumer", 1)})
