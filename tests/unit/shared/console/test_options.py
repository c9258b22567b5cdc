"""Files and days on a command line are refused where no work could follow."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from shared.console.options import DAY, OUT, database_option


@click.command()
@click.option("--out", type=OUT)
@click.option("--day", type=DAY)
def write(out: Path | None, day: object) -> None:
    if out is not None:
        out.write_text(str(day))


@click.command()
@database_option
def ask(database_url: str) -> None:
    click.echo(database_url)


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


UNREADABLE = {
    "postgres//u:geheim@h": "must begin with postgresql://",
    "postgresql:u:geheim@h/d": "must begin with postgresql://",
    "geheim": "must begin with postgresql://",
    "postgresql://u:geheim@h": "needs a host and a database",
    "postgresql://u:geheim@/d": "needs a host and a database",
    "postgresql://u:ge/heim@h/d": "has an @ too many",
    "postgresql://u:1/geheim@h/d": "has an @ too many",
    "postgresql://u:geheim?x@h/d": "has an @ too many",
    "postgresql://u:geheim#x@h/d": "has an @ too many",
    "postgresql://u:geheim@x@h/d": "has an @ too many",
    "postgresql://u:[geheim@h/d": "is no URL",
    "postgresql://u:geheim\u2100@h/d": "is no URL",
    "postgresql://h:geheim/d": "has a port that is no number",
    "postgresql://u:geheim@h:1,h:99999/d": "has a port that is no number",
}


@pytest.mark.parametrize(("url", "reason"), UNREADABLE.items())
def test_what_is_no_url_of_a_database_is_refused_with_the_reason_and_never_quoted(
    url: str, reason: str
) -> None:
    for found in (
        CliRunner().invoke(ask, ["--database-url", url]),
        CliRunner().invoke(ask, env={"DATABASE_URL": url}),
    ):
        assert found.exit_code == 2
        assert f"DATABASE_URL {reason}" in found.output
        assert "geheim" not in found.output
        assert "heim@" not in found.output


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://h/d",
        "postgres://u:p%40ss@[::1]:5432/d?sslmode=require",
        "postgresql://u@h:1,i:2/d",
    ],
)
def test_a_url_of_a_database_is_taken_as_it_is(url: str) -> None:
    assert CliRunner().invoke(ask, ["--database-url", url]).output == f"{url}\n"
