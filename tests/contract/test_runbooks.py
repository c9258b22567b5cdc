"""Each alert is tried on its fault, and its runbook followed meanwhile, or says why it isn't."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pytest

from shared.configuration.places import ROOT
from tests import runbooks
from tests.rules import ALERTS
from tests.runbooks import ENDS, FIRES, RUNBOOKS, Following, Said, alerts, alerts_of, runbook
from tests.watched import FAULTS

PLAYED = [fault.alert for fault in FAULTS]
"""By `make ops-demo`, beside Prometheus and Alertmanager; test_ops_demo.py lets it end."""
UNTRIED = {
    "LoopSilent": "a figure that is held still says nothing of a loop that beats",
    "NothingArrives": "that a counter rests is seen over an hour, not in a test",
    "EventsLate": "what makes events late are the faults of other alerts",
}
"""Why nobody lets what an alert is for happen. None of their runbooks names a command of ours."""


def followed() -> Iterator[str]:
    """Give the alerts whose runbooks tests open.

    The fixture holds that they type all of it, and see the alert fire and end.
    """
    for path in sorted((ROOT / "tests" / "integration").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name("follow"), args=[ast.Constant(str(alert)), *_]):
                    yield alert


def test_each_alert_is_played_or_followed_with_its_figure_or_says_why_it_cannot_be() -> None:
    ways = Counter([*PLAYED, *followed(), *UNTRIED])
    assert sorted(ways) == sorted(alerts())
    assert {alert for alert, amount in ways.items() if amount > 1} == set()


def test_each_alert_is_judged_with_the_runbook_that_it_names() -> None:
    assert sorted(one for alert in alerts() for one in alerts_of(alert)) == sorted(ALERTS)
    assert {alert for alert in PLAYED if alerts_of(alert) != [alert]} == set()


@pytest.mark.parametrize("alert", UNTRIED)
def test_who_is_not_tried_has_nothing_to_type(alert: str) -> None:
    assert not runbook(alert).lines


def test_no_command_is_overlooked() -> None:
    read = [line for alert in alerts() for line in runbook(alert).lines]
    _, _, page = RUNBOOKS.read_text(encoding="utf-8").partition("\n## ")
    written = re.findall(r"(?:`|^ *)(gleichfall [^`\n]+)", page, re.MULTILINE)
    assert read == written


async def test_who_follows_a_runbook_sees_its_alert_fire_while_the_fault_is_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runbooks, "PATIENCE", 0)

    async def nobody(words: Sequence[str]) -> Said:
        raise AssertionError(words)

    async def healthy() -> Mapping[str, str]:
        return {"notify": 'gleichfall_pool_connections{use="idle"} 1\n'}

    opened = Following("PoolExhausted", nobody, healthy, {}, over=(), names={})
    with pytest.raises(AssertionError, match="nobody saw that its alert fires"):
        await opened.look()
    assert opened.left == [FIRES, ENDS]
