import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.observe.logs import JsonFormatter
from shared.observe.security_log import (
    NAME,
    VARIABLE,
    Occurrence,
    configure_security_log,
    note,
    occurrence_of,
)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "security.log"
    monkeypatch.setenv(VARIABLE, str(path))
    configure_security_log(JsonFormatter("intake"))
    yield path
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
    [(400, "malformed"), (401, "refused"), (403, "refused"), (429, "limited"), (413, "limited")],
)
def test_a_refusal_is_an_event(status: int, event: str) -> None:
    assert occurrence_of(status) == event


@pytest.mark.parametrize("status", [200, 202, 404, 409, 500, 503])
def test_other_answers_are_none(status: int) -> None:
    assert occurrence_of(status) is None
