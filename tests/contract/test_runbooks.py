"""Each runbook is followed while its fault is on, or says why there is nothing to type."""

import ast
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from shared.configuration.places import ROOT
from tests.runbooks import RUNBOOKS, alerts, runbook
from tests.watched import FAULTS

PLAYED = [fault.alert for fault in FAULTS]
"""By `make ops-demo`, beside Prometheus and Alertmanager; test_ops_demo.py lets it end."""
NOTHING_TO_TYPE = {
    "LoopSilent": "a fault of ours, found in the log; who runs the process starts it again",
    "StatementsSlow": "PostgreSQL's own sessions, its machine's load and disk",
    "PoolExhausted": "PostgreSQL's own sessions",
    "CertificateEnds": "whoever signs certificates makes one; openssl reads it",
    "NothingArrives": "the office and those who run its systems are asked",
    "EventsRefused": "those who run the system are told what its answers say",
    "EventsLate": "leads to other alerts",
    "PagesFail": "a fault of ours, found in the log, or PostgreSQL",
    "DrawOffPlan": "the metrics are held side by side; leads to NothingDrawn",
    "ReviewsOverdue": "the board of the workbench; controlling is asked",
}
"""Why a runbook names no command of ours."""


def followed() -> Iterator[str]:
    """Give the alerts whose runbooks tests open; the fixture holds that they type all of it."""
    for path in sorted((ROOT / "tests" / "integration").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name("follow"), args=[ast.Constant(str(alert)), *_]):
                    yield alert


def test_each_runbook_is_played_or_followed_or_says_why_there_is_nothing_to_type() -> None:
    ways = Counter([*PLAYED, *followed(), *NOTHING_TO_TYPE])
    assert sorted(ways) == sorted(alerts())
    assert {alert for alert, amount in ways.items() if amount > 1} == set()


@pytest.mark.parametrize("alert", alerts())
def test_who_has_nothing_to_type_names_no_command(alert: str) -> None:
    assert (not runbook(alert).lines) == (alert in NOTHING_TO_TYPE)


def test_no_command_is_overlooked() -> None:
    read = [line for alert in alerts() for line in runbook(alert).lines]
    _, _, runbooks = RUNBOOKS.read_text(encoding="utf-8").partition("\n## ")
    written = re.findall(r"(?:`|^ *)(gleichfall [^`\n]+)", runbooks, re.MULTILINE)
    assert read == written
