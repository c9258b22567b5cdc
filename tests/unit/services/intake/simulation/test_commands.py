"""`gleichfall simulate`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.intake.simulation.commands import simulate
from services.intake.simulation.errors import NothingToDecide

SHIPPED = Path(__file__).parents[5] / "deploy/organisation/karlsruhe.yaml"
ENVIRONMENT = {"GLEICHFALL_ORGANISATION": str(SHIPPED), "INTAKE_URL": ""}


def test_a_file_and_its_truth_are_written_and_counted(tmp_path: Path) -> None:
    out, truth = tmp_path / "events.ndjson", tmp_path / "truth.ndjson"
    options = ["--weeks", "1", "--out", str(out), "--truth", str(truth), "--json"]

    result = CliRunner().invoke(simulate, options, env=ENVIRONMENT)

    assert result.exit_code == 0
    counts = json.loads(result.stdout)
    assert counts["events"] == len(out.read_bytes().splitlines())
    assert counts["decisions"] == len(truth.read_bytes().splitlines())


@pytest.mark.parametrize("options", [[], ["--url", "http://127.0.0.1:1", "--out", "-"]])
def test_one_destination_is_needed_and_only_one(options: list[str]) -> None:
    result = CliRunner().invoke(simulate, options, env=ENVIRONMENT)
    assert result.exit_code == 2
    assert "where to?" in result.stderr


def test_weeks_of_the_future_are_not_sent() -> None:
    options = ["--url", "http://127.0.0.1:1", "--start", "2199-01-07"]
    result = CliRunner().invoke(simulate, options, env=ENVIRONMENT)
    assert result.exit_code == 2
    assert "future" in result.stderr


def test_a_file_is_written_although_the_environment_names_an_intake(tmp_path: Path) -> None:
    events = tmp_path / "events.ndjson"
    nobody_there = {"INTAKE_URL": "http://127.0.0.1:9"}
    options = ["--weeks=1", "--rate=0.05", f"--out={events}"]
    result = CliRunner().invoke(simulate, options, env=nobody_there)
    assert result.exit_code == 0, result.output
    assert events.stat().st_size > 0


@pytest.mark.parametrize(
    "option", ["--start=0001-01-01", "--start=1969-12-31", "--start=9999-12-31", "--rate=nan"]
)
def test_what_no_authority_can_be_invented_of_is_refused(option: str) -> None:
    result = CliRunner().invoke(simulate, [option, "--out", "-"], env=ENVIRONMENT)

    assert result.exit_code == 2
    assert option.split("=", maxsplit=1)[0] in result.stderr


def test_the_first_day_that_is_taken_can_be_invented(tmp_path: Path) -> None:
    out = tmp_path / "events.ndjson"
    options = ["--start=1971-01-01", "--weeks=1", "--rate=0.05", f"--out={out}"]

    assert CliRunner().invoke(simulate, options, env=ENVIRONMENT).exit_code == 0


def test_an_authority_that_nothing_is_assumed_of_is_told_what_to_name(tmp_path: Path) -> None:
    trade_office = SHIPPED.parents[1] / "examples/trade-office"
    environment = {
        "GLEICHFALL_ORGANISATION": str(trade_office / "organisation.yaml"),
        "GLEICHFALL_LAW": str(trade_office / "law"),
        "INTAKE_URL": "",
    }
    options = ["--weeks=1", f"--out={tmp_path / 'events.ndjson'}"]
    refusal = CliRunner().invoke(simulate, options, env=environment).exception
    assert isinstance(refusal, NothingToDecide)
    assert "licences, prohibitions, register, restaurants" in str(refusal)

    assumed = f"--assumptions={trade_office / 'assumptions.yaml'}"
    result = CliRunner().invoke(simulate, [*options, assumed], env=environment)
    assert result.exit_code == 0, result.output
    assert "GewO-14" in (tmp_path / "events.ndjson").read_text(encoding="utf-8")
