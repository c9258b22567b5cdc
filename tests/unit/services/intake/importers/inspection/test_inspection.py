"""A look through the whole log, before anything of it is sent."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.intake.importers.commands import import_log
from services.intake.importers.errors import DatesUnclear, LogBroken, MappingUnfit, OrderUnclear
from services.intake.importers.inspection.order import Steps
from services.intake.importers.logs.log_event import LogEvent
from tests.unit.services.intake.importers.samples import CSV, MAPPING, XES, write

RULES = """
name: log
source: urn:gleichfall:log:inspected
time_zone: Europe/Berlin
recognise: {attributes: [Fall]}
log: {case: Fall, activity: Vorgang, time: Datum}
activities:
  Antrag: {event: application.received, data: {channel: other, service_key: x, unit: x}}
  Unterlagen: {event: documents.received}
  Ende: {event: case.closed, data: {reason: done}}
  Notiz: {ignore: inside}
"""


def call(tmp_path: Path, log: str, rules: str = RULES, name: str = "log.csv") -> Result:
    words = [
        write(tmp_path, name, log),
        *("--mapping", write(tmp_path, "log.yaml", rules), "--dry-run", "--json"),
    ]
    runner = CliRunner(env={"GLEICHFALL_SECRETS_DIR": None, "INTAKE_URL": None})
    return runner.invoke(import_log, [str(word) for word in words])


def numbers(result: Result) -> dict[str, Any]:
    assert result.exception is None, result.exception
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize(
    ("wrong", "right"), [("artikel", "article"), ("Article ", "article"), ("offiser", "officer")]
)
def test_a_column_that_is_not_there_is_named_with_the_one_that_may_be_meant(
    tmp_path: Path, wrong: str, right: str
) -> None:
    result = call(tmp_path, CSV, MAPPING.replace(f"from: {right}", f"from: '{wrong}'"))

    assert isinstance(result.exception, MappingUnfit)
    assert f"did you mean {right!r}?" in str(result.exception)
    assert "activities.decide.data" in str(result.exception)
    assert result.stdout == ""


def test_every_place_of_a_mapping_is_looked_at(tmp_path: Path) -> None:
    rules = MAPPING.replace("missing:", "key: [nummer]\ncorrections: {time: changed}\nmissing:")
    rules = rules.replace("carry: [result]", "carry: [outcome]").replace("case: permit", "case: id")
    rules = rules.replace("time: asked", "time: begun") + "cases: {x: {from: y}}\n"

    said = str(call(tmp_path, CSV, rules).exception)

    for place in ("key", "corrections.time", "carry", "log.case", "case_start.time", "cases.x"):
        assert f"{place} names the column" in said


def test_a_log_that_names_only_the_columns_it_uses_may_lack_some_but_not_misspelt(
    tmp_path: Path,
) -> None:
    rules = """
name: log
source: urn:gleichfall:log:inspected
time_zone: Europe/Berlin
recognise: {attributes: [asked]}
activities:
  decide: {event: case.closed, data: {reason: {from: "case:ground", default: done}}}
"""

    assert numbers(call(tmp_path, XES, rules, "log.xes"))["accepted"] == 1
    misspelt = call(tmp_path, XES, rules.replace("case:ground", "case:askd"), "log.xes")
    assert "did you mean 'case:asked'?" in str(misspelt.exception)


def test_days_that_can_be_read_in_two_ways_stop_the_import_before_its_first_event(
    tmp_path: Path,
) -> None:
    log = "Fall,Vorgang,Datum\n1,Antrag,03/04/2021\n1,Ende,05/04/2021\n"

    assert isinstance(call(tmp_path, log).exception, DatesUnclear)
    told = RULES.replace("time: Datum", "time: Datum, dates: day-first")
    assert numbers(call(tmp_path, log, told))["accepted"] == 2


def test_a_day_and_its_time_may_stand_in_two_columns(tmp_path: Path) -> None:
    log = "Fall,Vorgang,Datum,Uhrzeit\n1,Antrag,31.12.2020,14:05\n1,Ende,31.12.2020 00:00:00,9:30\n"
    rules = RULES.replace("time: Datum", "time: [Datum, Uhrzeit], dates: day-first")

    assert isinstance(call(tmp_path, log, rules).exception, OrderUnclear)
    assert numbers(call(tmp_path, log.replace("9:30", "15:30"), rules))["accepted"] == 2
    assert numbers(call(tmp_path, log.replace("14:05", ""), rules))["accepted"] == 2


NEWEST_FIRST = (
    "Fall,Vorgang,Datum\n1,Ende,04.01.2021\n1,Unterlagen,03.01.2021\n"
    "1,Antrag,03.01.2021\n2,Ende,02.01.2021\n2,Antrag,01.01.2021\n"
)


def test_a_log_whose_cases_run_backwards_is_refused_with_the_remedy(tmp_path: Path) -> None:
    result = call(tmp_path, NEWEST_FIRST)

    assert isinstance(result.exception, OrderUnclear)
    assert "2 events are older" in str(result.exception)
    assert "from the newest event to the oldest" in str(result.exception)
    assert "'sort: time'" in str(result.exception)
    assert "in line 3" in str(result.exception)


def test_sorted_events_come_in_the_order_of_time_and_steps_back_are_counted(
    tmp_path: Path,
) -> None:
    rules = RULES + "sort: time\ncase_start: {event: documents.received, time: Datum}\n"

    found = numbers(call(tmp_path, NEWEST_FIRST, rules))

    assert (found["accepted"], found["backward"]) == (5, 2)


def test_what_is_not_sent_may_stand_anywhere(tmp_path: Path) -> None:
    log = "Fall,Vorgang,Datum\n1,Notiz,04.01.2021\n1,Antrag,03.01.2021\n1,Ende,05.01.2021\n"

    assert numbers(call(tmp_path, log))["backward"] == 0


def test_the_order_is_counted_by_the_days_that_the_end_of_the_log_proves(tmp_path: Path) -> None:
    log = "Fall,Vorgang,Datum\n1,Antrag,03/04/2021\n1,Unterlagen,03/25/2021\n1,Ende,04/01/2021\n"

    assert numbers(call(tmp_path, log))["accepted"] == 3
    backwards = log.replace("04/01/2021", "03/05/2021")
    assert "1 events are older" in str(call(tmp_path, backwards).exception)


def test_the_latest_times_of_many_cases_are_put_away_and_found_again() -> None:
    steps = Steps(recent=3)
    for year in (2020, 2021, 2019):
        for case in "abcdefgh":
            steps.note(case, datetime(year, 1, 1, tzinfo=UTC), LogEvent({}))

    assert (steps.forward, steps.backward) == (8, 8)


def test_of_a_damaged_xes_log_nothing_is_sent(tmp_path: Path) -> None:
    rules = """
name: log
source: urn:gleichfall:log:inspected
time_zone: Europe/Berlin
recognise: {attributes: [asked]}
activities: {decide: {event: case.closed, data: {reason: done}}}
"""

    result = call(tmp_path, XES[: XES.index("of no case")], rules, "log.xes")

    assert isinstance(result.exception, LogBroken)
    assert result.stdout == "" or json.loads(result.stdout)["events"] == 0
