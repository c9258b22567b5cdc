import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.observe import security_log
from shared.observe.flood import MOST_EACH
from shared.observe.logs import JsonFormatter
from shared.observe.metrics import SECURITY_EVENTS
from shared.observe.occurrence import Occurrence
from shared.observe.security_log import (
    NAME,
    VARIABLE,
    configure_security_log,
    note,
    occurrence_of,
)
from tests.patience import PATIENCE


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    security_log._dam._end()  # nothing of another test's flood is told in this file
    monkeypatch.setattr(security_log, "_dam", security_log._Dam())
    path = tmp_path / "security.log"
    monkeypatch.setenv(VARIABLE, str(path))
    configure_security_log(JsonFormatter("intake"))
    yield path
    security_log._dam._end()
    monkeypatch.delenv(VARIABLE)
    configure_security_log(JsonFormatter("intake"))


def test_the_log_is_a_file_of_its_own_whatever_level_others_have(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    note(Occurrence.REFUSED, "unauthenticated", address="127.0.0.1", status=401)
    line = json.loads(file.read_text())
    assert {name: line[name] for name in ("service", "logger", "event", "reason", "who")} == {
        "service": "intake",
        "logger": NAME,
        "event": "refused",
        "reason": "unauthenticated",
        "who": None,
    }
    assert (line["address"], line["status"]) == ("127.0.0.1", 401)
    assert not logging.getLogger(NAME).propagate


def test_a_file_that_was_moved_away_is_begun_anew(file: Path) -> None:
    note(Occurrence.SIGNED_IN, "session begun")
    file.rename(file.with_suffix(".1"))
    note(Occurrence.SIGNED_OUT, "session ended")
    assert [json.loads(file.read_text())["event"]] == ["signed_out"]


@pytest.mark.parametrize(
    ("status", "event"),
    [
        (400, "malformed"),
        (401, "refused"),
        (403, "refused"),
        (408, "limited"),
        (413, "limited"),
        (421, "malformed"),
        (429, "limited"),
        (431, "limited"),
    ],
)
def test_a_refusal_is_an_event(status: int, event: str) -> None:
    assert occurrence_of(status) == event


@pytest.mark.parametrize("status", [200, 202, 404, 409, 500, 503])
def test_other_answers_are_none(status: int) -> None:
    assert occurrence_of(status) is None


@pytest.fixture
def short_period(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security_log, "PERIOD", 3.0)  # longer than a thousand lines take


@pytest.mark.usefixtures("short_period")
def test_of_a_flood_a_few_lines_are_written_and_then_how_many_more_there_were(file: Path) -> None:
    for _ in range(1_000):
        note(Occurrence.REFUSED, "unauthenticated", address="192.0.2.1", status=401)
    deadline = time.monotonic() + PATIENCE
    while "left_out" not in file.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    *written, last = map(json.loads, file.read_text().splitlines())
    assert len(written) == MOST_EACH
    told = ("event", "reason", "address", "left_out")
    assert [last[name] for name in told] == ["refused", "unauthenticated", "192.0.2.1", 990]


@pytest.mark.usefixtures("short_period")
def test_no_flood_hides_what_somebody_did(file: Path) -> None:
    for number in range(1_000):
        note(Occurrence.SIGN_IN_REFUSED, "wrong", address=f"192.0.2.{number % 256}")
    note(Occurrence.SIGNED_IN, "session begun", address="192.0.2.1")
    note(Occurrence.ADMINISTERED, "token created")
    events = [json.loads(line)["event"] for line in file.read_text().splitlines()]
    assert events[-2:] == ["signed_in", "administered"]


def test_a_flood_is_counted_whole_though_few_of_its_lines_are_written(file: Path) -> None:
    counted = SECURITY_EVENTS.of(Occurrence.LIMITED)
    before = counted._value.get()
    for _ in range(3 * MOST_EACH):
        note(Occurrence.LIMITED, "too-many", address="192.0.2.7")

    assert counted._value.get() == before + 3 * MOST_EACH
