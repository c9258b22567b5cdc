"""Dashboards, as Grafana would take them: it says nothing of one that it can't show."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from prometheus_client import Histogram

from deploy.dashboards.__main__ import FOLDER, main
from deploy.dashboards.board import Board, Panel, Right
from deploy.dashboards.boards import BOARDS
from deploy.dashboards.drawing import description, title
from shared.configuration.places import ROOT
from shared.observe import gauges, metrics
from shared.observe.commands import declared
from tests.panels import METRIC, no_buckets, queries, renamed

GRID = 24
"""How many columns a dashboard has in Grafana."""
DECLARED = declared(metrics) | declared(gauges)
OF_THE_PROCESS = {"process_resident_memory_bytes"}
"""What Prometheus' library tells of each process."""
PARTS = ("_bucket", "_count", "_sum")
SELECTED = re.compile(r"\b(?P<name>gleichfall_[a-z_]+)\{(?P<labels>[^}]*)\}")
GROUPED = re.compile(r"\b(?:by|on) \((?P<labels>[a-z_, ]+)\)")
PANELS = [
    pytest.param(board, panel, id=f"{board.key}: {panel.key}")
    for board in BOARDS
    for panel in board.panels
]
QUERIES = [query for board in BOARDS for panel in board.panels for query in queries(panel).values()]
NOT_SHOWN = {
    "gleichfall_consumer_batch_records": "of use beside a benchmark",
    "gleichfall_consumer_dead_letters_total": "those that are open are",
    "gleichfall_consumer_events_applied_total": "its topic's records are",
    "gleichfall_consumer_records_polled_total": "what became of them is",
    "gleichfall_consumer_records_released_total": "what is still parked is",
    "gleichfall_controlling_reconcile_differences": "its alert tells, and the desk",
    "gleichfall_controlling_reconciled_timestamp_seconds": "its alert tells, and the desk",
    "gleichfall_controlling_second_decisions_total": "those that are unsettled are",
    "gleichfall_controlling_period_decisions": "those that are drawn are",
    "gleichfall_controlling_unwitnessed_promises": "its alert tells",
    "gleichfall_dead_letter_oldest_age_seconds": "its alert tells",
    "gleichfall_inbox_subjects": "an estimate for planning",
    "gleichfall_intake_events_received_total": "what became of them is",
    "gleichfall_intake_unlisted_keys": "its alert tells",
    "gleichfall_notify_messages_far": "its alert tells",
    "gleichfall_notify_messages_handed_over_total": "how long it took is, by channel",
    "gleichfall_notify_record_duration_seconds": "of use beside a measurement",
    "gleichfall_notify_send_duration_seconds": "until handed over, all tries, is",
    "gleichfall_notify_tasks_total": "those that are open are",
    "gleichfall_parked_subjects": "their events are",
    "gleichfall_relay_events_published_total": "its records are",
    "gleichfall_relay_round_duration_seconds": "of use beside a benchmark",
    "gleichfall_secret_changed_timestamp_seconds": "its alert tells",
}
"""What no panel shows, and why."""


def document(board: Board) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{board.key}.json").read_text())
    return found


def family(name: str) -> str:
    """The metric that a series belongs to."""
    for part in PARTS:
        whole = name.removesuffix(part)
        if isinstance(DECLARED.get(whole), Histogram):
            return whole
    return name


def labels_of(name: str) -> set[str]:
    metric = DECLARED.get(family(name))
    own = set() if metric is None else set(metric._labelnames)
    return own | {"service"} | ({"le"} if name.endswith("_bucket") else set())


def unknown(panel: Panel) -> Iterator[str]:
    """Which metrics and labels a panel asks for that there aren't."""
    for legend, query in queries(panel).items():
        names = METRIC.findall(query)
        assert names
        yield from (one for one in names if family(one) not in {*DECLARED, *OF_THE_PROCESS})
        for found in SELECTED.finditer(query):
            asked = {one.partition("=")[0].strip("~") for one in found["labels"].split(",")}
            yield from asked - labels_of(found["name"])
        known = set.union(*map(labels_of, names))
        for found in GROUPED.finditer(query):
            yield from {one.strip() for one in found["labels"].split(",")} - known
        yield from set(re.findall(r"{{(\w+)}}", legend)) - known


def test_the_files_are_what_is_written() -> None:
    answer = CliRunner().invoke(main, ["--check"])
    assert (answer.exit_code, answer.output) == (0, "")


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.key)
def test_grafana_can_tell_dashboards_and_panels_apart(board: Board) -> None:
    shown = document(board)
    assert shown["uid"] == board.uid
    assert len(board.uid) <= 40
    ids = [panel["id"] for panel in shown["panels"]]
    assert ids == [*range(1, len(board.panels) + 1)]
    assert {panel["datasource"]["uid"] for panel in shown["panels"]} == {"${source}"}
    assert [one["name"] for one in shown["templating"]["list"]] == ["source"]


def test_no_two_panels_have_one_key() -> None:
    keys = [panel.key for board in BOARDS for panel in board.panels]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.key)
def test_no_two_panels_of_a_dashboard_have_one_title(board: Board) -> None:
    assert len({title(panel) for panel in board.panels}) == len(board.panels)


def test_no_two_dashboards_have_one_name() -> None:
    assert len({board.uid for board in BOARDS}) == len({title(board) for board in BOARDS})
    assert len({board.uid for board in BOARDS}) == len(BOARDS)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.key)
def test_panels_fill_each_row_of_the_grid_and_cover_nobody(board: Board) -> None:
    rows: dict[int, list[tuple[int, int]]] = {}
    for panel in document(board)["panels"]:
        place = panel["gridPos"]
        rows.setdefault(place["y"], []).append((place["x"], place["x"] + place["w"]))
    for row in rows.values():
        assert row[0][0] == 0
        assert row[-1][1] == GRID
        assert all(one[1] == other[0] for one, other in pairwise(row))
    heights = sorted(rows)
    assert all(other - one == 8 for one, other in pairwise(heights))


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_each_panel_says_what_it_shows_and_whether_nothing_is_right(
    board: Board, panel: Panel
) -> None:
    assert description(panel).count(".") >= 2
    assert panel.right in Right
    place = [*board.panels].index(panel)
    shown = document(board)["panels"][place]
    assert (shown["title"], shown["description"]) == (title(panel), description(panel))
    assert [one["expr"] for one in shown["targets"]] == [*queries(panel).values()]


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_each_query_asks_for_a_metric_that_there_is_by_labels_that_it_has(
    board: Board, panel: Panel
) -> None:
    assert [*unknown(panel)] == []


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_a_query_for_a_metric_of_another_name_would_be_noticed(board: Board, panel: Panel) -> None:
    for name in METRIC.findall("".join(queries(renamed(panel)).values())):
        assert name in {*unknown(renamed(panel))}


def test_counters_are_asked_how_they_rise_and_nothing_else() -> None:
    for query in QUERIES:
        for name in re.findall(r"gleichfall_[a-z_]+_total", query):
            assert re.search(rf"(rate|increase)\({name}", query), query


@pytest.mark.parametrize("query", QUERIES)
def test_each_bound_that_a_query_asks_for_is_a_bucket_of_its_histogram(query: str) -> None:
    assert no_buckets(query) == set()


def test_each_metric_is_shown_or_there_is_a_reason() -> None:
    shown = {family(name) for query in QUERIES for name in METRIC.findall(query)}
    assert set(DECLARED) - shown == set(NOT_SHOWN)


def test_prometheus_tells_of_each_target_which_service_it_is() -> None:
    configured = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    [job] = configured["scrape_configs"]
    assert all(one["labels"].keys() == {"service"} for one in job["static_configs"])
