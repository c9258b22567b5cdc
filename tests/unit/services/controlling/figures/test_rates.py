"""Counting what happened to cases: by group, in time, and only where enough are behind it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.controlling.calculator.commands import stats
from services.controlling.statistics.errors import NothingReviewed, TableInvalid
from tests.unit.services.controlling.calculator.vectors import stats as by_hand

Group = tuple[str, str, int, int]


def cases(folder: Path, *groups: Group) -> Path:
    """Write cases: group, kind, how many, and to how many of them it happened."""
    rows = [
        f"{group},{kind},{'yes' if number < happened else 'no'}"
        for group, kind, size, happened in groups
        for number in range(size)
    ]
    file = folder / "cases.csv"
    file.write_text("team,kind,late\n" + "".join(f"{row}\n" for row in rows))
    return file


def listed(folder: Path) -> tuple[str, str]:
    """List the groups of all tests."""
    file = folder / "breakdowns.yaml"
    file.write_text(
        'columns: {team: [a, b, c, "8", "9", "10"], kind: [x, "y", z, hard, easy], colour: [red]}'
    )
    return "--breakdowns", str(file)


def rates(file: Path, *words: str) -> Any:
    asked = ["rates", str(file), "--outcome", "late", "--by", "team", *listed(file.parent), *words]
    result = CliRunner().invoke(stats, [*asked, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_each_group_has_its_rate_and_interval(tmp_path: Path) -> None:
    found = rates(cases(tmp_path, ("a", "x", 40, 10), ("b", "x", 60, 6)))
    limits = by_hand("interval", "--errors", 10, "--sample", 40)
    assert found["groups"]["a"] == {"n": 40, "count": 10, **limits}
    assert (found["whole"]["n"], found["whole"]["count"]) == (100, 16)


def test_small_groups_are_hidden_everywhere_with_one_more(tmp_path: Path) -> None:
    found = rates(
        cases(tmp_path, ("a", "x", 3, 3), ("b", "x", 60, 6), ("c", "x", 20, 9)),
        *("--alike", "kind", "--in-order"),
    )
    hidden = {name for name, one in found["groups"].items() if one is None}
    assert hidden == {"a", "c"}
    assert {name for name, one in found["consistency"]["units"].items() if one is None} == hidden
    assert not hidden & set(found["out"])


def test_six_cases_show_nothing_at_all(tmp_path: Path) -> None:
    found = rates(cases(tmp_path, ("a", "x", 6, 3)))
    assert found["whole"] is None
    assert found["groups"] == {"a": None}


def test_a_harder_mix_of_cases_is_no_difference(tmp_path: Path) -> None:
    groups = (("a", "hard", 90, 27), ("b", "hard", 10, 3), ("a", "easy", 100, 2))
    file = cases(tmp_path, *groups, ("b", "easy", 900, 18))
    found = rates(file, "--alike", "kind")["consistency"]
    assert found["p_value"] == pytest.approx(1)
    assert not any(one["discovered"] for one in found["units"].values())


def test_groups_are_in_natural_order_and_drift_is_named(tmp_path: Path) -> None:
    file = cases(tmp_path, ("10", "x", 99, 50), ("9", "x", 99, 9), ("8", "x", 99, 9))
    found = rates(file, "--in-order")
    assert list(found["groups"]) == ["8", "9", "10"]
    assert found["out"] == ["8", "9", "10"]


def test_cases_that_do_not_tell_are_left_out_and_counted(tmp_path: Path) -> None:
    file = cases(tmp_path, ("a", "x", 40, 10))
    file.write_text(file.read_text() + "a,x,\n,x,yes\n")
    found = rates(file)
    assert (found["whole"]["n"], found["unknown"]) == (40, 2)


def test_conditions_choose_cases(tmp_path: Path) -> None:
    file = cases(tmp_path, ("a", "x", 40, 10), ("a", "y", 40, 0))
    assert rates(file, "--where", "kind=y")["whole"]["count"] == 0
    with pytest.raises(NothingReviewed, match="without the cases that were left out is empty"):
        rates(file, "--where", "kind=z")
    with pytest.raises(TableInvalid, match="lacks the column colour"):
        rates(file, "--where", "colour=red")


def test_an_outcome_is_yes_or_no(tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text("team,late\na,perhaps\n")
    with pytest.raises(TableInvalid, match="line 2: late: must be yes, no or empty"):
        rates(file)


def test_people_get_a_table_without_a_ranking(tmp_path: Path) -> None:
    file = cases(tmp_path, ("b", "x", 60, 6), ("a", "x", 40, 10), ("c", "x", 2, 0))
    words = ["rates", str(file), "--outcome", "late", "--by", "team", "--alike", "kind"]
    words += listed(tmp_path)
    shown = CliRunner().invoke(stats, words, catch_exceptions=False).stdout
    names = [
        line.split()[0] for line in shown.splitlines() if line.startswith("  ") and line.split()
    ]
    assert names[-2:] == ["alle", "b"]
    assert "eine andere Zahl über so wenige ließe sich daraus errechnen): a, c." in shown
    assert "Bei gleichen Fällen: Chi-Quadrat" in shown
    english = CliRunner().invoke(stats, [*words, "--language", "en"], catch_exceptions=False).stdout
    assert (
        "Not shown (about fewer than 7, or another one about so few would follow): a, c." in english
    )
