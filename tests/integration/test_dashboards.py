"""Each query of each dashboard, asked of a real Prometheus that looks at a real system at work."""

import shutil
from collections.abc import Iterator
from functools import partial
from urllib.parse import quote

import pytest

from deploy.dashboards.__main__ import BOARDS
from deploy.dashboards.board import Panel, Right
from deploy.local.folder import Folder
from tests.watched import Operator, Watch, wait_until, watching

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

PANELS = [
    pytest.param(panel, id=f"{board.key}: {panel.title}")
    for board in BOARDS
    for panel in board.panels
]
MAY_BE_EMPTY = {Right.EMPTY, Right.UNKNOWN_IS_EMPTY}
"""Of what hasn't happened there is no series, and of what is unknown there shall be none."""


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    """One that has looked at two weeks of a small authority."""
    directory = tmp_path_factory.mktemp("stack")
    operator = Operator(Folder(directory))
    try:
        operator.call("up", "--detach")
        with watching(tmp_path_factory.mktemp("watching"), operator) as watch:
            operator.call("simulate", "--weeks=2", "--rate=0.3", "--seed=1")
            wait_until(lambda: bool(asked(watch, "gleichfall_consumer_records_total > 0")))
            yield watch
    finally:
        operator.call("down")
        shutil.rmtree(directory)


def asked(watch: Watch, query: str) -> list[object]:
    """What a panel gets; a query that Prometheus can't read has no data."""
    return [*watch.ask(quote(query.replace("$__rate_interval", "1m")))]


def any_of(watch: Watch, query: str) -> bool:
    return bool(asked(watch, query))


@pytest.mark.parametrize("panel", PANELS)
def test_each_query_finds_what_its_panel_promises(watch: Watch, panel: Panel) -> None:
    for query in panel.queries.values():
        found = asked(watch, query)
        if panel.right not in MAY_BE_EMPTY and not found:
            wait_until(partial(any_of, watch, query))


def test_a_metric_of_another_name_would_be_empty(watch: Watch) -> None:
    assert asked(watch, "max by (service, need) (gleichfall_need_lacking)") == []
