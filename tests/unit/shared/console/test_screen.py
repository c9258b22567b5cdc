"""What a command shows is whole in a pipe, and progress never gets into a file."""

import os
import subprocess
import sys

import pytest

from shared.console import screen
from shared.console.json_text import NoFigure

LONG = "unit-of-a-name-that-is-longer-than-any-terminal/" * 4


def test_nothing_is_cut_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    table = screen.table("stratum", numbers=("decisions", "drawn"))
    screen.add(table, LONG, 11_234, 9_876)
    screen.show(table)
    (heading, row) = capsys.readouterr().out.splitlines()
    assert heading.split() == ["stratum", "decisions", "drawn"]
    assert row.split() == [LONG, "11,234", "9,876"]


def test_a_sentence_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    screen.show(LONG)
    assert capsys.readouterr().out == f"{LONG}\n"


def test_what_others_wrote_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    table = screen.table("name")
    screen.add(table, "[red]alarm[/]")
    screen.show(table, "[bold]again[/]")
    told = capsys.readouterr().out
    assert "[red]alarm[/]" in told
    assert "[bold]again[/]" in told


@pytest.mark.parametrize("figure", [float("nan"), float("inf"), {"a": [1.0, float("-inf")]}])
def test_what_is_no_number_is_never_printed_as_json(
    capsys: pytest.CaptureFixture[str], figure: object
) -> None:
    with pytest.raises(NoFigure, match="the fault is this program's"):
        screen.show_json({"rate": figure})
    assert not capsys.readouterr().out


def test_what_is_unknown_is_a_dash_and_totals_stand_last(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = screen.table("stratum", numbers=("drawn",), lined=True)
    screen.add(table, "a", None)
    screen.foot(table, "all", 1_000)
    screen.show(table)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["a", "-"] in lines
    assert [line for line in lines if line][-1] == ["all", "1,000"]


@pytest.mark.parametrize(
    "drawn",
    [
        "with screen.progress('reading') as bar: bar.update(bar.add_task('x', total=2), advance=1)",
        "with screen.waiting('for the end') as tell: tell('still')",
    ],
)
def test_progress_is_not_drawn_into_a_file(drawn: str) -> None:
    program = f"from shared.console import screen\n{drawn}"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        env={name: value for name, value in os.environ.items() if name != "FORCE_COLOR"},
    )
    assert (answer.stdout, answer.stderr) == (b"", b"")


def test_a_bar_tells_how_many_of_how_many_as_soon_as_that_is_known(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as a terminal
    with screen.counting("encrypting", "rows") as tell:
        assert "encrypting" in capsys.readouterr().err
        tell(1_234, 56_789)
    assert "1,234 of 56,789 rows" in capsys.readouterr().err


def test_json_is_one_line_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    screen.show_json({"unit": "Straße", "rate": None})
    assert capsys.readouterr().out == '{"unit": "Straße", "rate": null}\n'
