"""Files and days on a command line are refused where no work could follow."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from shared.console.options import DAY, OUT


@click.command()
@click.option("--out", type=OUT)
@click.option("--day", type=DAY)
def write(out: Path | None, day: object) -> None:
    if out is not None:
        out.write_text(str(day))


def run(*words: str) -> Result:
    return CliRunner().invoke(write, words)


def test_a_file_that_can_be_written_is_taken(tmp_path: Path) -> None:
    assert run("--out", str(tmp_path / "new")).exit_code == 0
    assert run("--out", str(tmp_path / "new")).exit_code == 0


def test_a_file_without_a_folder_is_refused_before_any_work(tmp_path: Path) -> None:
    found = run("--out", str(tmp_path / "nope" / "new"))

    assert found.exit_code == 2
    assert "cannot use" in found.output
    assert f"there is no folder {tmp_path / 'nope'}" in found.output.replace("\n", " ")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert run("--out", str(tmp_path)).exit_code == 2


@pytest.mark.parametrize("day", ["1900-01-01", "2026-03-02", "2200-01-01"])
def test_a_day_of_ours_is_taken(day: str) -> None:
    assert run("--day", day).exit_code == 0


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-02", "9999-12-31"])
def test_a_day_on_which_nothing_of_ours_happened_is_refused(day: str) -> None:
    found = run("--day", day)

    assert found.exit_code == 2
    assert f"{day} is not between 1900-01-01 and 2200-01-01" in found.output
