"""A fault, the alert at Alertmanager, the runbook's own commands, and the alert is over.

Each is played as `make ops-demo` plays it. The tests are one story on one stack of its own.
"""

import shutil
from collections.abc import Iterator

import pytest

from deploy.local.folder import Folder
from shared.observe import gauges, metrics
from shared.observe.commands import declared
from tests.ops_demo import play
from tests.watched import FAULTS, Fault, Operator, Watch, wait_until, watching

pytestmark = [pytest.mark.stack, pytest.mark.chaos, pytest.mark.story, pytest.mark.timeout(900)]

SELDOM = {
    *("gleichfall_certificate_ends_timestamp_seconds", "gleichfall_controlling_clocks_over"),
    *("gleichfall_controlling_period_decisions", "gleichfall_controlling_period_drawn"),
    *("gleichfall_controlling_period_expected", "gleichfall_events_numbered"),
    "gleichfall_events_reached",
}
"""Gauges of what isn't there yet, or is withheld; whatever is counted is told from the start."""


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    directory = tmp_path_factory.mktemp("stack")
    operator = Operator(Folder(directory))
    try:
        told = operator.call("up", "--detach")
        assert "intake" in told, told
        yield operator
    finally:
        operator.call("down")
        shutil.rmtree(directory)


@pytest.fixture(scope="module")
def watch(operator: Operator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    with watching(tmp_path_factory.mktemp("watching"), operator) as watch:
        yield watch


def test_prometheus_has_every_metric_that_is_declared(watch: Watch) -> None:
    wanted = {*declared(metrics), *declared(gauges)} - SELDOM

    def missing() -> set[str]:
        found = watch.ask('count by (__name__) ({__name__=~"gleichfall_.%2B"})')
        names = {one["metric"]["__name__"] for one in found}
        return {name for name in wanted if name not in names and f"{name}_count" not in names}

    wait_until(lambda: not missing())
    assert watch.ask("gleichfall_build_info")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault.alert))
def test_a_fault_is_told_and_its_runbook_ends_it(
    fault: Fault, operator: Operator, watch: Watch
) -> None:
    wait_until(lambda: fault.alert not in watch.told())

    play(fault, operator, watch)

    assert fault.alert not in watch.told()
    assert not fault.ids(operator)
