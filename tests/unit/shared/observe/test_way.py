"""An event's way: a JSON line for each station, told only once it is certain."""

import json
import logging

import pytest

from shared.observe.logs import JsonFormatter
from shared.observe.way import Station, Step, Steps, tell

CASE, NOW = "case-" + "a" * 26, 1_790_000_000_000_000_000
STEPS = Steps(
    (
        Step(Station.APPLIED, CASE, 'odd "id"\n', "gleichfall.decision.made.v1", None),
        Step(Station.LEFT, CASE, "e-1", "decision_notified", None, "m-1", "accepted"),
        Step(Station.ENDED, CASE, None, "decision_notified", None, "m-2", "expired"),
    )
)


def test_each_step_is_a_line_of_json_like_any_other() -> None:
    record = logging.LogRecord("way", logging.INFO, __file__, 1, STEPS, None, None)

    lines = JsonFormatter("notify").format(record).split("\n")

    first, second, third = map(json.loads, lines)
    assert {"time", "level", "service", "logger", "message"} <= first.keys()
    assert (first["level"], first["service"]) == ("INFO", "notify")
    assert (first["message"], first["event_id"]) == ("applied", 'odd "id"\n')
    assert first["subject"] == CASE
    assert (second["message_id"], second["state"]) == ("m-1", "accepted")
    assert third["event_id"] is None
    assert "message_id" not in first


def test_all_steps_are_one_record_for_the_logger(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        tell(STEPS, NOW)
        tell([], NOW)

    (record,) = caplog.records
    assert record.msg == STEPS
    assert f"left e-1 of {CASE}" in caplog.text


def test_nothing_is_told_where_nobody_asks_for_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        tell(STEPS, NOW)

    assert not caplog.records
