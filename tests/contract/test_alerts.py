"""The alerts, as Prometheus itself reads and judges them."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from deploy.dashboards.board import Board
from deploy.dashboards.boards import BOARDS
from deploy.desk.views import pages as views
from shared.configuration.places import ROOT
from shared.observe import gauges, metrics
from shared.observe.commands import declared
from tests.contract.alert_cases import CASES, Case
from tests.panels import METRIC, no_buckets, queries
from tests.rules import (
    ALERTS,
    DEPLOYED,
    GROUPS,
    RECORDS,
    RULES,
    complaints,
    file_of,
    question,
    run,
)

EXPRESSIONS = [
    pytest.param(rule["expr"], id=rule.get("alert") or rule["record"])
    for group in GROUPS
    for rule in group["rules"]
]
COMPOSE = ROOT / "compose.yaml"
PAGE = ROOT / "docs" / "operations" / "runbooks.md"
NOTICED = re.compile(
    "applicant|leadership|reviewer|people|staff|decision|draw|review|figures|message|audit log"
)
"""Whom a fault reaches, or what of theirs."""
COUNTED = re.compile(r"{{ \$value (\| humanize )?}} [a-z]")
"""A number before what it counts, which may be one."""
SECTIONS = ("Means:", "Look at:", "Do:", "Over when:")


def judged(cases: list[Case], folder: Path, rules: Path) -> str:
    """Let Prometheus judge cases of one file and step; gives what it complains of."""
    questions = [one for case in cases for one in questions_of(case)]
    return complaints(rules, questions, step=cases[0].step, folder=folder)


def questions_of(case: Case) -> Iterator[Mapping[str, Any]]:
    judge = partial(question, case.alert, at=case.at, step=case.step)
    yield judge(case.fires, fires=True)
    for series in case.silent:
        yield judge(series, fires=False)


def together() -> list[list[Case]]:
    """Give the cases that are judged in one go: those of one file and step."""
    kinds = {case.alert: (file_of(case.alert).name, case.step) for case in CASES}
    ordered = sorted(CASES, key=lambda case: kinds[case.alert])
    return [list(cases) for _, cases in groupby(ordered, key=lambda case: kinds[case.alert])]


def test_prometheus_reads_them_all() -> None:
    told = run("promtool", "check", "rules", *RULES)

    assert told.returncode == 0, told.stdout + told.stderr


def test_alertmanager_reads_who_hears_of_them() -> None:
    told = run("amtool", "check-config", DEPLOYED / "alertmanager.yml")

    assert told.returncode == 0, told.stdout + told.stderr


def test_each_has_a_case() -> None:
    assert sorted(case.alert for case in CASES) == sorted(ALERTS)


@pytest.mark.parametrize(
    "cases", together(), ids=lambda cases: f"{file_of(cases[0].alert).name} {cases[0].step}"
)
def test_they_fire_when_they_should_and_only_then(cases: list[Case], tmp_path: Path) -> None:
    assert judged(cases, tmp_path, file_of(cases[0].alert)) == ""


@pytest.mark.parametrize(
    ("alert", "limit", "looser"),
    [
        ("ServiceDown", "for: 2m", "for: 2h"),
        ("NothingArrives", "== 1", "== 2"),
        ("MessagesLeaveLate", "14.4 * 0.05", "19 * 0.05"),
        ("EventsLate", ">= 10", ">= 1"),
        ("DrawOffPlan", "5 * sqrt", "6 * sqrt"),
        ("PagesFailForWeeks", "[28d])) >= 10", "[28d])) >= 50"),
        ("MessagesBounceForDays", 'bounced"}[7d])) >= 10', 'bounced"}[7d])) >= 100'),
    ],
)
def test_they_would_not_pass_with_another_limit(
    alert: str, limit: str, looser: str, tmp_path: Path
) -> None:
    [case] = [case for case in CASES if case.alert == alert]
    rules = tmp_path / "loose.rules.yml"
    rules.write_text(file_of(case.alert).read_text().replace(limit, looser))

    assert judged([case], tmp_path, rules) != ""


@pytest.mark.parametrize("rule", ALERTS.values(), ids=ALERTS)
def test_they_ask_for_metrics_that_there_are(rule: Mapping[str, str]) -> None:
    known = {*declared(metrics), *declared(gauges), "up"}
    asked = set(re.findall(r"\bgleichfall_\w+|\bup\b", rule["expr"]))
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked} <= known
    assert set(re.findall(r"gleichfall:[\w:]+", rule["expr"])) <= RECORDS.keys()


def test_what_is_recorded_asks_for_metrics_that_there_are() -> None:
    known = {*declared(metrics), *declared(gauges)}
    asked = {name for one in RECORDS.values() for name in re.findall(r"\bgleichfall_\w+", one)}
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked} <= known


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_each_limit_of_a_histogram_that_they_speak_of_is_a_bucket_of_it(expression: str) -> None:
    assert no_buckets(expression) == set()


def test_prometheus_keeps_what_they_look_back_at() -> None:
    [kept] = re.findall(r"--storage\.tsdb\.retention\.time=(\d+)d", COMPOSE.read_text())
    looked_back = re.findall(r"\[(\d+)d[]:]", "".join(rule["expr"] for rule in ALERTS.values()))
    assert int(kept) > max(map(int, looked_back))


@pytest.mark.parametrize("rule", ALERTS.values(), ids=ALERTS)
def test_each_names_what_to_do(rule: Mapping[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    file, _, anchor = rule["annotations"]["runbook"].partition("#")

    assert ROOT / file == PAGE
    sections = {
        heading.lower(): text
        for heading, text in re.findall(
            r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL
        )
    }
    text = sections[anchor]
    assert [word for word in SECTIONS if f"**{word}" not in text] == []


@pytest.mark.parametrize("rule", ALERTS.values(), ids=ALERTS)
def test_each_leads_to_the_view_that_shows_its_figures_if_any_does(rule: Mapping[str, Any]) -> None:
    recorded = "".join(RECORDS[name] for name in re.findall(r"gleichfall:[\w:]+", rule["expr"]))
    asked = metrics_in(rule["expr"] + recorded)
    shown = {board.key: metrics_in("".join(queries_of(board))) for board in BOARDS}
    place, _, view = rule["annotations"]["dashboard"].rpartition("/")
    assert place == views.router.prefix
    assert view in {key for key, some in shown.items() if some & asked} or not any(
        some & asked for some in shown.values()
    )
    assert view in shown


def metrics_in(expression: str) -> set[str]:
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name in METRIC.findall(expression)}


def queries_of(board: Board) -> Iterator[str]:
    for panel in board.panels:
        yield from queries(panel).values()


@pytest.mark.parametrize("rule", ALERTS.values(), ids=ALERTS)
def test_each_says_what_people_notice_and_is_right_about_one(rule: Mapping[str, Any]) -> None:
    summary = rule["annotations"]["summary"]
    assert NOTICED.search(summary)
    assert not COUNTED.search(summary)


def test_no_runbook_is_about_an_alert_that_there_isnt() -> None:
    named = {rule["annotations"]["runbook"].partition("#")[2] for rule in ALERTS.values()}
    headings = re.findall(r"^## (.+)$", PAGE.read_text(), re.MULTILINE)
    assert {heading.lower() for heading in headings} == named
