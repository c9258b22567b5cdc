"""What a run says last, which messages the books expect at once, and what of those that wait."""

from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

import click
import pytest
from click.testing import CliRunner

from deploy.local import presence
from deploy.summary import commands
from deploy.summary.commands import run, told_at_once, waiting_for_the_hour
from services.notify.messages.catalogue import load_messages
from shared.configuration.places import ROOT

BERLIN = ZoneInfo("Europe/Berlin")
README = (ROOT / "README.md").read_text(encoding="utf-8")


class StackInName:
    """Takes the place of the processes: says when it stays and when it stops."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        click.echo("stopped all processes")

    def check(self) -> None:
        """Look whether all of them run."""

    def watch(self) -> None:
        """Stay until Ctrl-C."""
        raise KeyboardInterrupt


@pytest.fixture
def _played(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose weeks are played already."""
    monkeypatch.setattr(commands, "Stack", StackInName)
    monkeypatch.setattr(presence, "is_ready", lambda _: False)
    for work in ("end_like_ctrl_c", "_lived_in", "_simulate", "_settled", "_show"):
        monkeypatch.setattr(commands, work, lambda *_, **__: None)


def says(*options: str) -> list[str]:
    answer = CliRunner().invoke(run, options, catch_exceptions=False)
    assert answer.exit_code == 0
    return answer.output.splitlines()


@pytest.mark.usefixtures("_played")
def test_a_run_that_ends_by_itself_says_so_last_and_how_to_get_it_back() -> None:
    shown = README.split("$ make run ONCE=1\n", 1)[1].split("```", 1)[0].splitlines()

    assert says("--once")[-2:] == ["stopped all processes", shown[-1]]
    assert shown[-1] == "the system has ended; `gleichfall up --detach` starts it with its data"


@pytest.mark.usefixtures("_played")
def test_a_run_that_stays_says_how_it_stops_and_that_it_has() -> None:
    assert says()[-3:] == [
        "the system stays up; Ctrl-C stops it", "stopped all processes", "stopped"
    ]  # fmt: skip


@pytest.mark.usefixtures("_played")
def test_a_run_on_a_system_that_ran_before_lets_it_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "is_ready", lambda _: True)

    assert [line for line in says("--once") if "ended" in line or "stopped" in line] == []


def test_only_what_is_told_at_once_is_expected_at_once() -> None:
    causes = told_at_once(load_messages())

    assert "gleichfall.provisional_paper.issued.v1" in causes
    assert "gleichfall.application.received.v1" in causes, "also for a day to come, and at once"
    assert "gleichfall.permit.issued.v1" not in causes
    assert len(causes) == len(set(causes))


@pytest.mark.parametrize(
    ("amount", "until", "said"),
    [
        (0, None, []),
        (1_234, datetime(2026, 3, 2, 7, tzinfo=UTC), ["1,234 SMS wait until 2026-03-02 08:00 CET"]),
        (1, datetime(2026, 7, 6, 6, tzinfo=UTC), ["1 SMS wait until 2026-07-06 08:00 CEST"]),
    ],
    ids=["by day", "in winter", "in summer"],
)
def test_what_waits_for_the_hour_alone_is_said_in_the_time_of_the_authority(
    amount: int, until: datetime | None, said: list[str]
) -> None:
    lines = list(waiting_for_the_hour(amount, until, BERLIN))
    assert [line.partition(": no phone rings")[0] for line in lines] == said
    assert all(line.endswith("(NOTIFY_SMS_QUIET_HOURS)") for line in lines)
