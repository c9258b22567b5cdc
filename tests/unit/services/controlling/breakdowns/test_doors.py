"""No command of the calculator gives a figure about one officer, however a table names them.

Each command that reads a table is tried with each way of naming people; one that is added must be
tried, too, or this is red.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic_core import from_json

from services.controlling.breakdowns.breakdowns import NOT_LISTED
from services.controlling.breakdowns.errors import (
    BreakdownUnlisted,
    PersonNamed,
    ValueUnlisted,
)
from services.controlling.calculator.commands import COMMANDS, stats
from shared.errors import PermanentError
from tests.unit.services.controlling.figures.reviewed import frame, written

PERSONS = [
    "decider-yolqsjcd3kohhghkwwdqjqw24c",
    "DECIDER-YOLQSJCD3KOHHGHKWWDQJQW24C",
    "Demirkaya, Aylin",
    "Frau Demirkaya",
    "Dr. Weiß",
    "a.demirkaya@karlsruhe.de",
]
UNLISTED = ["Aylin Demirkaya", "demirkaya", "4711", "AD", "unit-9"]
"""Nobody can tell by their form whether these are people: no list has them."""
NAMED_FOR_PEOPLE = [
    *("decider", "Sachbearbeiter", "sachbearbeiterin", "Name", "case_worker", "org:resource"),
    *("Bearbeiter-Kürzel", "officer", "Mitarbeiter Nr.", "co-signer", "user"),
]
WITHOUT_A_TABLE = {
    *("interval", "upper-limit", "corrected-rate", "sample-size", "proportion-size", "plan"),
    *("difference", "funnel"),
}
"""Two numbers, and no label."""
WITHOUT_LABELS = {
    "agreement": "prints no name of a reviewer: figures are of all of them together",
    "switching": "reads results in order",
    "sampler": "reads ids and gives some of them",
}
LABELLED = {
    "stratified": ("stratum,population,errors,sample", "{},100,1,40"),
    "allocation": ("stratum,population", "{},100"),
    "p-chart": ("stratum,errors,sample", "{},1,40"),
    "cusum": ("stratum,errors,sample", "{},1,40"),
    "consistency": ("kind,unit,errors,sample", "work,{},1,40"),
}
"""Labels are the table's own: what looks like a person is refused."""
BY_COLUMN = {"period", "rates", "twins"}
MORE = {
    "allocation": ("--take", "10"),
    "cusum": ("--usual", "0.05", "--feared", "0.1"),
}


def asked(*words: object) -> PermanentError:
    """Ask for figures; give the refusal."""
    with pytest.raises(PermanentError) as refused:
        CliRunner().invoke(stats, [*map(str, words), "--json"], catch_exceptions=False)
    return refused.value


def answer(*words: str) -> Any:
    """Ask for figures that are given."""
    result = CliRunner().invoke(stats, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return from_json(result.stdout)


def table(folder: Path, header: str, rows: Sequence[str]) -> Path:
    file = folder / "table.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def test_every_command_is_tried() -> None:
    tried = WITHOUT_A_TABLE | WITHOUT_LABELS.keys() | LABELLED.keys() | BY_COLUMN
    assert tried == set(COMMANDS)


@pytest.mark.parametrize("person", PERSONS)
@pytest.mark.parametrize("command", LABELLED)
def test_a_label_that_looks_like_a_person_is_refused(
    tmp_path: Path, command: str, person: str
) -> None:
    header, row = LABELLED[command]
    file = table(tmp_path, header, [row.format("unit-1"), row.format(f'"{person}"')])
    refusal = asked(command, file, *MORE.get(command, ()))
    assert isinstance(refusal, PersonNamed)
    assert "line 3" in str(refusal)
    assert person not in str(refusal)


@pytest.mark.parametrize("column", NAMED_FOR_PEOPLE)
def test_cases_are_not_counted_by_a_column_of_people(tmp_path: Path, column: str) -> None:
    file = table(tmp_path, f"unit,late,{column}", ["unit-1,yes,7"] * 20)
    by = ("rates", file, "--outcome", "late", "--by")
    assert isinstance(asked(*by, column), PersonNamed | BreakdownUnlisted)
    assert isinstance(asked(*by, "unit", "--where", f"{column}=7"), BreakdownUnlisted)
    assert isinstance(asked(*by, "unit", "--alike", column), PersonNamed)
    assert isinstance(asked("rates", file, "--outcome", column, "--by", "unit"), PersonNamed)


@pytest.mark.parametrize("column", ["team", "article", "unit_", "Unit", "a"])
def test_cases_are_not_counted_by_a_column_that_nobody_listed(tmp_path: Path, column: str) -> None:
    file = table(tmp_path, f"unit,late,{column}", ["unit-1,yes,7"] * 20)
    refusal = asked("rates", file, "--outcome", "late", "--by", column)
    assert isinstance(refusal, BreakdownUnlisted)
    assert "staff council" in str(refusal)


@pytest.mark.parametrize("value", [*PERSONS, *UNLISTED])
@pytest.mark.parametrize(
    "column", ["unit", "decision_type", "group", "direction", "legal_basis", "month", "team"]
)
def test_people_in_a_column_with_another_name_are_not_told_apart(
    tmp_path: Path, column: str, value: str
) -> None:
    listed = tmp_path / "breakdowns.yaml"
    listed.write_text("columns: {team: [north, south]}")
    chosen = ("--breakdowns", str(listed), "--json")
    decisions = list(frame(north=40))
    rows = [
        f'{one},wrong,yes,"{who}"'
        for one, who in zip(decisions, [value] * 20 + ["Zoë Other"] * 20, strict=True)
    ]
    file = table(tmp_path, f"decision,on_the_file,late,{column}", rows)
    draw = str(written(tmp_path, frame(north=40)))
    period = ("period", "2026-05", str(file), "--draw", draw, "--by", column, *chosen)
    assert list(answer(*period)["by"]) == [NOT_LISTED]
    where = ("rates", str(file), "--outcome", "late", "--by", "year", "--where")
    assert isinstance(asked(*where, f"{column}={value}", *chosen[:2]), ValueUnlisted)
    if value in PERSONS:
        assert isinstance(asked(*where[:4], "--by", column, *chosen[:2]), PersonNamed)
    else:
        assert list(answer(*where[:4], "--by", column, *chosen)["groups"]) == [NOT_LISTED]


@pytest.mark.parametrize("column", [*NAMED_FOR_PEOPLE, "team", "basis"])
def test_a_period_has_no_figures_by_such_a_column(tmp_path: Path, column: str) -> None:
    file = table(tmp_path, f"decision,on_the_file,{column}", ["d1,wrong,7"])
    draw = written(tmp_path, frame(north=20))
    refusal = asked("period", "2026-05", file, "--draw", draw, "--by", column)
    assert isinstance(refusal, BreakdownUnlisted)


@pytest.mark.parametrize("column", NAMED_FOR_PEOPLE)
def test_twins_are_not_counted_for_one_person(tmp_path: Path, column: str) -> None:
    rows = ["case-1,x,yes,2026-05-04,7", "case-2,x,no,2026-05-05,7"]
    file = table(tmp_path, f"case,kind,late,decided_on,{column}", rows)
    words = ("twins", file, "--alike", "kind", "--outcome", "late")
    assert isinstance(asked(*words, "--where", f"{column}=7"), BreakdownUnlisted)
    assert isinstance(asked(*words, "--alike", column), PersonNamed)
